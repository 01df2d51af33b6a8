package vmm.vmmd.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.core.Name;
import vmm.daemon.ServiceConnection;
import vmm.wire.Command;
import vmm.wire.Message;
import vmm.wire.channel.FrameReader;

/** A console that says what it understood, of either side of 2.6.1. */
class ConsoleLinkTest {
    private static final Name UNIKERNEL = Name.parse("foo:bar");

    @TempDir private Path folder;
    private final LinkedBlockingQueue<OptionalLong> asked = new LinkedBlockingQueue<>();

    private ServerSocketChannel console(boolean old) throws IOException {
        var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(folder.resolve("console.sock")));
        Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                while (true) {
                                    var channel = server.accept();
                                    Thread.ofVirtual()
                                            .start(
                                                    () ->
                                                            serve(
                                                                    new ServiceConnection(channel),
                                                                    old));
                                }
                            } catch (IOException over) {
                                assertThat(server.isOpen()).isFalse();
                            }
                        });
        return server;
    }

    private void serve(ServiceConnection connection, boolean old) {
        try (var channel = connection.channel();
                var received = connection.receive(FrameReader.SMALL_FRAME_BYTES_MAX)) {
            if (received != null
                    && received.message().payload()
                            instanceof Message.Payload.Asked(Command.ConsoleAdd(var rings))) {
                asked.add(rings);
                if (!old || rings.isEmpty()) {
                    connection.send(Message.done(received.message().header(), "added"));
                }
            }
            assertThat(channel.isOpen()).isTrue();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private OptionalLong next() throws InterruptedException {
        OptionalLong next = asked.poll(10, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    @Test
    void add_tellsTheRings_toAConsoleThatKnowsThem() throws Exception {
        try (var server = console(false);
                var link = new ConsoleLink(folder.resolve("console.sock"))) {
            link.add(UNIKERNEL, 7);
            link.add(UNIKERNEL, 8);
            assertThat(next()).hasValue(7);
            assertThat(next()).hasValue(8);
            assertThat(server.isOpen()).isTrue();
        }
    }

    @Test
    void add_fallsBackOnce_whereTheConsoleIsOfBefore261() throws Exception {
        try (var server = console(true);
                var link = new ConsoleLink(folder.resolve("console.sock"))) {
            link.add(UNIKERNEL, 7);
            link.add(UNIKERNEL, 7);
            assertThat(next()).hasValue(7);
            assertThat(next()).isEmpty();
            assertThat(next()).isEmpty();
            assertThat(asked).isEmpty();
            assertThat(server.isOpen()).isTrue();
        }
    }
}
