package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What broke off goes on where it did, through the real programs and a line that is cut once. */
class TornTransfersTest {
    private static final int MIB = 1 << 20;
    private static final int CONTENT_BYTES = 8 * MIB;
    private static final int CUT_BYTES = 6 * MIB;

    /** What is on its way when it is cut comes twice. */
    private static final long SLACK_BYTES = MIB;

    @TempDir static Path folder;
    private static Suite suite;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(Suite.isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        suite = Suite.start();
    }

    @AfterAll
    static void stop() {
        if (suite != null) {
            suite.close();
        }
    }

    /** Passes bytes to and from vmmd; cuts the first connection that carries too many. */
    private static final class Line implements AutoCloseable {
        private final ServerSocketChannel server =
                ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        private final AtomicBoolean cut = new AtomicBoolean();
        private final AtomicLong carried = new AtomicLong();
        private final Path socket;

        Line(Path socket) throws IOException {
            this.socket = socket;
            server.bind(UnixDomainSocketAddress.of(socket));
            Thread.ofVirtual().start(this::accept);
        }

        private void accept() {
            try {
                while (true) {
                    SocketChannel client = server.accept();
                    var vmmd = SocketChannel.open(UnixDomainSocketAddress.of(suite.socket("vmmd")));
                    var here = new AtomicLong();
                    Thread.ofVirtual().start(() -> carry(client, vmmd, here));
                    Thread.ofVirtual().start(() -> carry(vmmd, client, here));
                }
            } catch (IOException over) {
                assertThat(over).isInstanceOf(ClosedChannelException.class);
            }
        }

        private void carry(SocketChannel from, SocketChannel to, AtomicLong here) {
            var buffer = ByteBuffer.allocateDirect(64 << 10);
            try (from;
                    to) {
                while (from.read(buffer.clear()) >= 0) {
                    carried.addAndGet(buffer.flip().remaining());
                    boolean tooMany = here.addAndGet(buffer.remaining()) > CUT_BYTES;
                    if (tooMany && cut.compareAndSet(false, true)) {
                        return;
                    }
                    while (buffer.hasRemaining()) {
                        to.write(buffer);
                    }
                }
            } catch (IOException over) {
                assertThat(over).as("the other direction ended").isNotNull();
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    private static byte[] content(int seed) {
        byte[] content = new byte[CONTENT_BYTES];
        new Random(seed).nextBytes(content);
        Arrays.fill(content, 2 * MIB, 3 * MIB, (byte) 0);
        return content;
    }

    private static String err(int exit, String... line) {
        Suite.Result result = suite.vmm(line);
        assertThat(result.exit())
                .as("vmm %s: %s", Arrays.asList(line), result.err())
                .isEqualTo(exit);
        return result.err();
    }

    /** Runs it over a line that is cut; what the line carried in all. */
    private static long torn(String name, String... command) throws IOException {
        try (var line = new Line(folder.resolve(name + ".sock"))) {
            String[] all = Arrays.copyOf(command, command.length + 3);
            all[command.length] = "--resume";
            all[command.length + 1] = "--socket";
            all[command.length + 2] = line.socket.toString();
            assertThat(err(0, all)).contains("trying again");
            assertThat(line.cut).isTrue();
            return line.carried.get();
        }
    }

    @Test
    void blockDevice_goesInAndOut_withoutSendingTwiceWhatHasCome() throws Exception {
        err(0, "create-block", "torn", "" + CONTENT_BYTES / MIB);
        Path in = Files.write(folder.resolve("in"), content(1));
        assertThat(torn("set", "set-block", "torn", in.toString()))
                .isBetween((long) CONTENT_BYTES, CONTENT_BYTES + SLACK_BYTES);
        Path out = folder.resolve("out");
        assertThat(torn("dump", "dump-block", "torn", out.toString()))
                .isBetween((long) CONTENT_BYTES, CONTENT_BYTES + SLACK_BYTES);
        assertThat(Files.mismatch(in, out)).isEqualTo(-1);

        Path packed = folder.resolve("packed");
        err(0, "dump-block", "torn", packed.toString(), "--resume", "--compression-level", "1");
        assertThat(Files.mismatch(in, packed)).isEqualTo(-1);
        assertThat(suite.belongings()).noneMatch(file -> file.contains("~"));
    }

    @Test
    void image_comesOut_withoutSendingTwiceWhatHasCome() throws Exception {
        assumeTrue(Guests.hasKvm(), "/dev/kvm is not usable here");
        Path image = Files.copy(Guests.guest("ticker.hvt"), folder.resolve("large"));
        Files.write(image, content(2), java.nio.file.StandardOpenOption.APPEND);
        err(0, "create", "large", image.toString(), "--mem", "16", "--no-add-name");
        Path out = folder.resolve("image");
        assertThat(torn("get", "get", "large", out.toString()))
                .isBetween((long) CONTENT_BYTES, CONTENT_BYTES + SLACK_BYTES);
        assertThat(Files.mismatch(image, out)).isEqualTo(-1);
        err(0, "destroy", "large");
    }
}
