package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Decoded;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.channel.FrameReader;
import vmm.wire.channel.FrameWriter;
import vmm.wire.der.WireCodec;

/** A guest that prints without end, beside subscribers that read and that do not. */
@Timeout(120)
class LoudGuestTest {
    private static final Name LOUD = Name.parse("loud");

    @AutoClose private Suite suite;

    @BeforeEach
    void start() throws IOException {
        Suite.needsKvm();
        suite = Suite.start();
    }

    private SocketChannel subscribe() throws IOException {
        var channel = SocketChannel.open(UnixDomainSocketAddress.of(suite.socket("console")));
        var none = new Command.ConsoleSubscribe(false, new Command.History.Count(0));
        new FrameWriter(channel).send(Message.asking(Header.of(LOUD), none));
        return channel;
    }

    private static String line(FrameReader reader) throws IOException {
        while (true) {
            try (var frame = reader.next(FrameReader.SMALL_FRAME_BYTES_MAX)) {
                Bytes der = Bytes.of(Objects.requireNonNull(frame, "closed").bytes().toArray());
                if (WireCodec.decode(der) instanceof Decoded.Of<Message>(var message)
                        && message.payload()
                                instanceof Message.Payload.Told(Data.ConsoleLine(_, _, var text))) {
                    return text;
                }
            }
        }
    }

    /**
     * BEHAVIOUR 14.12: a subscriber that never reads stalls the producer after 1,260 lines, starves
     * the other subscribers, and its guest cannot be destroyed.
     */
    @Test
    void silentSubscriber_holdsUpNobody_andItsGuestIsDestroyed() throws Exception {
        try (var silent = subscribe();
                var reading = subscribe()) {
            suite.ok("create", "loud", Guests.guest("flood.hvt").toString(), "--no-add-name");
            var reader = new FrameReader(reading);
            for (int i = 0; i < 50_000; i++) {
                assertThat(line(reader)).isNotEmpty();
            }
            suite.ok("destroy", "loud");
            assertThat(suite.tenders()).isEmpty();
            String told = "";
            var late = new FrameReader(silent);
            while (!told.endsWith("reads too slowly]")) {
                told = line(late);
            }
            assertThat(told).matches("\\[[0-9]+ lines lost: .*");
        }
    }
}
