package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What albatross was seen to do under faults and restarts, and vmmd must not (docs/regressions.md).
 */
class RegressionTest {
    @AutoClose private Suite suite;

    @BeforeEach
    void start() throws IOException {
        Suite.needsKvm();
        suite = Suite.start();
    }

    private static String guest(String name) throws IOException, InterruptedException {
        return Guests.guest(name + ".hvt").toString();
    }

    private String ok(String... arguments) {
        return suite.ok(arguments).out();
    }

    private void createTicker() throws IOException, InterruptedException {
        ok("create", "ticker", guest("ticker"), "--mem", "4", "--arg", "ms=20", "--no-add-name");
    }

    /**
     * BEHAVIOUR 14.3: what was acknowledged step by step is refused at the next start, for ever.
     */
    @Test
    void policiesAndBlocks_load_evenWhereTheirSumExceedsThePolicy() throws Exception {
        ok("add-policy", "foo", "2", "--mem", "64", "--block", "10");
        ok("create-block", "foo:bar:d", "8");
        assertThat(suite.vmm("create-block", "foo:baz:d", "8").err()).contains("foo");
        suite.stop("vmmd");
        try (var second =
                new RandomAccessFile(suite.db().resolve("block/foo:baz:d").toFile(), "rw")) {
            second.setLength(8L << 20);
        }
        suite.startDaemon("vmmd");
        assertThat(ok("policy")).contains("foo");
        assertThat(ok("block")).contains("foo:bar:d").contains("foo:baz:d");
        assertThat(suite.vmm("create-block", "foo:d", "1").exit()).isEqualTo(117);
        ok("destroy-block", "foo:baz:d");
        ok("create-block", "foo:d", "1");
    }

    /**
     * BEHAVIOUR 14.4: a kill between its two renames starts with nothing, all policies forgotten.
     */
    @Test
    void state_isKept_whereverARewriteWasKilled() throws Exception {
        ok("add-policy", "foo", "2", "--mem", "64");
        suite.crash("vmmd");
        Path state = suite.db().resolve("state.vmmd");
        byte[] whole = Files.readAllBytes(state);
        for (int written : new int[] {0, 1, whole.length / 2, whole.length}) {
            byte[] torn = java.util.Arrays.copyOf(whole, written);
            Files.write(suite.db().resolve("state.vmmd.new"), torn);
            Files.write(suite.db().resolve("state.vmmd.last-good"), torn);
            suite.startDaemon("vmmd");
            assertThat(ok("policy")).as("killed after %d bytes", written).contains("foo");
            suite.crash("vmmd");
        }
    }

    /** BEHAVIOUR 14.6: a unikernel that cannot start once is forgotten. */
    @Test
    void unikernel_isKeptAndTriedAgain_whereItCannotStartOnce() throws Exception {
        createTicker();
        suite.stop("vmmd");
        Path store = suite.db().resolve("images");
        Path aside = suite.db().resolve("aside");
        Files.move(store, aside);
        suite.startDaemon("vmmd");
        Suite.await("a vain start", () -> suite.logOf("vmmd").contains("could not start :ticker"));
        assertThat(ok("info")).contains("ticker");
        Files.delete(store);
        Files.move(aside, store);
        Suite.await("it runs at last", () -> suite.tenders().size() == 1);
    }

    /** BEHAVIOUR 14.7: a flipped bit inside an image starts the corrupt image. */
    @Test
    void flippedImage_isNotStarted_andIsRepairedByTheGoodOne() throws Exception {
        createTicker();
        suite.stop("vmmd");
        Path image;
        try (var images = Files.list(suite.db().resolve("images"))) {
            image = images.findFirst().orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(image);
        bytes[bytes.length / 2] ^= 1;
        Files.write(image, bytes);
        suite.startDaemon("vmmd");
        Suite.await(
                "the damage is said",
                () -> suite.logOf("vmmd").contains("the stored image is damaged"));
        assertThat(suite.tenders()).isEmpty();
        ok("create", "-f", "ticker", guest("ticker"), "--mem", "4", "--no-add-name");
        assertThat(suite.tenders()).hasSize(1);
        assertThat(image).hasSameBinaryContentAs(Path.of(guest("ticker")));
    }

    /** BEHAVIOUR 14.22: after restart, a second destroy of what is gone succeeds. */
    @Test
    void secondDestroy_isRefused_afterARestart() throws Exception {
        createTicker();
        ok("restart", "ticker");
        ok("destroy", "ticker");
        Suite.Result second = suite.vmm("destroy", "ticker");
        assertThat(second.exit()).isEqualTo(117);
        assertThat(second.err()).contains("not found");
        assertThat(suite.tenders()).isEmpty();
    }

    /** BEHAVIOUR 14.27: every create and destroy writes all images again. */
    @Test
    void images_areWrittenOnce_whateverComesAndGoes() throws Exception {
        byte[] hello = Files.readAllBytes(Path.of(guest("ticker")));
        Path large = suite.db().resolve("large");
        Files.write(large, java.util.Arrays.copyOf(hello, 24 << 20));
        ok("create", "large", large.toString(), "--mem", "4", "--no-add-name");
        long before = bytesWritten();
        for (int i = 0; i < 5; i++) {
            createTicker();
            ok("destroy", "ticker");
        }
        ok("create", "again", large.toString(), "--mem", "4", "--no-add-name");
        assertThat(bytesWritten() - before).isLessThan(4L << 20);
        try (var images = Files.list(suite.db().resolve("images"))) {
            assertThat(images).hasSize(1);
        }
    }

    /** What vmmd has written so far, to whatever it may be. */
    private long bytesWritten() throws IOException {
        return House.lines(Path.of("/proc/" + suite.pid("vmmd") + "/io")).stream()
                .filter(line -> line.startsWith("wchar: "))
                .mapToLong(line -> Long.parseLong(line.substring(7)))
                .sum();
    }
}
