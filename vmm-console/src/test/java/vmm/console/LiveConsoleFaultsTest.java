package vmm.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.wire.Command;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.channel.FrameWriter;

/** What a vmm-console refuses, and what it lives through. */
@Timeout(120)
class LiveConsoleFaultsTest {
    private static LiveConsole console;
    private final Name name = Name.parse("t:faulty");

    @BeforeAll
    static void start() throws IOException {
        console = new LiveConsole();
    }

    @AfterAll
    static void stop() throws Exception {
        console.close();
    }

    @AfterEach
    void isAlive() throws IOException {
        assertThat(console.isAlive()).as(console.logged()).isTrue();
    }

    /** BEHAVIOUR 14.1: a header whose sequence number is shorter than 8 bytes kills console. */
    @Test
    void shortSequence_isMalformed_andKillsNobody() throws Exception {
        byte[] info =
                Bytes.ofHex("3019300f0201050407000000000000000c013aa006a004a3020500").toArray();
        try (var channel = console.connect()) {
            exchange(
                    channel,
                    ByteBuffer.allocate(4 + info.length).putInt(info.length).put(info).flip());
        }
        LiveConsole.await("it is logged", () -> logs("closing a connection"));
    }

    private static boolean logs(String text) {
        try {
            return console.logged().contains(text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatCannotBeRead_isRefused_withTheReason() throws Exception {
        assertThat(failure(console.add(Header.of(name), OptionalLong.of(1))))
                .contains(name.toString());
        Files.writeString(console.fifo(name), "no fifo");
        assertThat(failure(console.add(Header.of(name), OptionalLong.of(1))))
                .contains("is no fifo");
        assertThat(failure(console.add(Header.of(Name.of(name.path())), OptionalLong.of(1))))
                .contains("is a path");
        try (var peer = console.subscribe(Name.of(name.path()), 1)) {
            assertThat(failure(peer.answer.payload())).contains("is a path");
        }
        try (var peer = console.new Peer()) {
            Message answer = peer.ask(Message.asking(Header.of(name), new Command.PolicyInfo()));
            assertThat(failure(answer.payload())).contains("only console commands");
        }
    }

    private static String failure(Payload payload) {
        return payload instanceof Payload.Failed(var why) ? why : "no failure: " + payload;
    }

    @Test
    void malformedFrames_areAnsweredOrClosed() throws Exception {
        byte[] sample =
                FrameWriter.frame(
                                Message.asking(
                                        Header.of(name),
                                        new Command.ConsoleSubscribe(
                                                false, new Command.History.Count(20))))
                        .array();
        for (int cut = 0; cut < sample.length; cut++) {
            try (var channel = console.connect()) {
                exchange(channel, ByteBuffer.wrap(sample, 0, cut));
            }
        }
        for (int bit = 32; bit < sample.length * 8; bit++) {
            byte[] flipped = sample.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            try (var channel = console.connect()) {
                exchange(channel, ByteBuffer.wrap(flipped));
            }
        }
        for (int length : new int[] {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, 65537}) {
            try (var channel = console.connect()) {
                exchange(channel, ByteBuffer.allocate(4).putInt(0, length));
            }
        }
        byte[] nested = new byte[4 + 40_000];
        for (int i = 4; i < nested.length; i += 4) {
            int rest = nested.length - i - 4;
            ByteBuffer.wrap(nested).putInt(i, 0x30820000 | Math.max(0, rest));
        }
        ByteBuffer.wrap(nested).putInt(0, nested.length - 4);
        try (var channel = console.connect()) {
            exchange(channel, ByteBuffer.wrap(nested));
        }
    }

    /** Says these bytes and nothing more, and listens until the console has closed. */
    private static void exchange(SocketChannel channel, ByteBuffer bytes) throws IOException {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.shutdownOutput();
            var answer = ByteBuffer.allocate(65536);
            while (channel.read(answer.clear()) >= 0) {
                Thread.onSpinWait();
            }
        } catch (IOException closed) {
            assertThat(closed).hasMessageMatching(".*(Broken pipe|reset|connected).*");
        }
    }

    /**
     * BEHAVIOUR 14.9: after kill -9 of the console every guest that prints dies of SIGPIPE. Here
     * who holds the fifo goes on, and the next console hears what waited in it.
     */
    @Test
    void crash_losesNothing_thatTheFifoHolds() throws Exception {
        try (var own = new LiveConsole()) {
            try (var out = own.unikernel(name)) {
                try (var peer = own.subscribe(name, 0)) {
                    LiveConsole.print(out, 0, 1);
                    assertThat(peer.line()).isEqualTo("line 0");
                }
                own.crash();
                LiveConsole.print(out, 1, 1001);
                own.start();
                try (var peer = own.subscribe(name, 0)) {
                    own.add(Header.of(name), OptionalLong.of(10));
                    assertThat(peer.lines(1000)).isEqualTo(LiveConsole.numbered(1, 1001));
                }
            }
        }
    }
}
