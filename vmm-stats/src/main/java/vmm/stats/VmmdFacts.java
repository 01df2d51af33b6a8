package vmm.stats;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.core.Name;
import vmm.core.UnikernelInfo;
import vmm.daemon.ServiceConnection;
import vmm.stats.core.Facts;
import vmm.wire.Command;
import vmm.wire.Form;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.Success;

/** Asks vmmd, as any client does, for policies, unikernels, block devices and what goes on. */
final class VmmdFacts {
    /** The answer of a full host: some thousand unikernels of a few hundred bytes each. */
    private static final int ANSWER_BYTES_MAX = 16 * 1024 * 1024;

    private static final Logger LOG = LogManager.getLogger(VmmdFacts.class);

    private final Path socket;
    private final VmmdControl control;
    private volatile Facts newest = Facts.NONE;

    VmmdFacts(Path socket, VmmdControl control) {
        this.socket = socket;
        this.control = control;
    }

    Facts newest() {
        return newest;
    }

    /** Starts its thread, which ends when it is interrupted. */
    Thread start(Duration interval) {
        return Thread.ofVirtual().name("facts").start(() -> keep(interval));
    }

    private void keep(Duration interval) {
        try {
            while (true) {
                try {
                    newest = ask();
                } catch (IOException e) {
                    // What is no longer known is no longer told.
                    newest = Facts.NONE;
                    LOG.debug("vmmd says nothing: {}", e.getMessage());
                }
                Thread.sleep(interval);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private Facts ask() throws IOException {
        return new Facts(
                ask(new Command.PolicyInfo(), VmmdFacts::limits),
                ask(new Command.UnikernelInfo(Form.Info.V6), VmmdFacts::unikernels),
                ask(new Command.BlockInfo(), VmmdFacts::devices),
                control.ask());
    }

    private static List<Facts.Limit> limits(Success answer) {
        return answer instanceof Success.Policies(var all)
                ? all.stream().map(p -> new Facts.Limit(p.name().path(), p.value())).toList()
                : List.of();
    }

    private static List<Facts.Unikernel> unikernels(Success answer) {
        return answer instanceof Success.Info(_, var all)
                ? all.stream().map(VmmdFacts::unikernel).toList()
                : List.of();
    }

    private static Facts.Unikernel unikernel(Success.Named<UnikernelInfo> named) {
        UnikernelInfo info = named.value();
        return new Facts.Unikernel(
                named.name(),
                info.typ().name().toLowerCase(Locale.ROOT),
                info.digest().hex(),
                info.memoryMiB(),
                info.started().isPresent());
    }

    private static List<Facts.Device> devices(Success answer) {
        return answer instanceof Success.BlockDevices(var all)
                ? all.stream()
                        .map(d -> new Facts.Device(d.name(), d.sizeMiB(), d.active()))
                        .toList()
                : List.of();
    }

    /** The answer views memory that lives as long as its frame: it is taken apart before. */
    private <T> T ask(Command command, Function<Success, T> take) throws IOException {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            var connection = new ServiceConnection(channel);
            connection.send(Message.asking(Header.of(Name.ROOT), command));
            try (var received = connection.receive(ANSWER_BYTES_MAX)) {
                if (received != null
                        && received.message().payload()
                                instanceof Message.Payload.Done(var success)) {
                    return take.apply(success);
                }
            }
        }
        throw new IOException("no answer to " + command);
    }
}
