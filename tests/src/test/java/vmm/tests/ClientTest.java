package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.core.Bytes;

/** What the client does beyond one command a run, with real daemons and unikernels. */
class ClientTest {
    @TempDir Path folder;
    private static Suite suite;
    private static String target = "";

    @BeforeAll
    static void start() throws IOException {
        target = Guests.runnable();
        suite = Suite.startFor(target);
    }

    @AfterEach
    void destroyAll() {
        if (suite == null) {
            return;
        }
        suite.vmm("info", "-q").out().lines().forEach(name -> suite.vmm("destroy", name));
        suite.vmm("block", "-q").out().lines().forEach(name -> suite.vmm("destroy-block", name));
        suite.vmm("policy", "-q")
                .out()
                .lines()
                .filter(path -> !path.equals(":"))
                .forEach(path -> suite.vmm("remove-policy", "-p", path));
    }

    @AfterAll
    static void stop() {
        if (suite != null) {
            suite.close();
        }
    }

    private static Path guest(String name) throws IOException, InterruptedException {
        return Guests.guest(name + "." + target);
    }

    private static Suite.Result ok(String... arguments) {
        Suite.Result result = suite.vmm(arguments);
        assertThat(result.exit())
                .as("vmm %s: %s%s", List.of(arguments), result.out(), result.err())
                .isZero();
        return result;
    }

    private static String refused(int exit, String... arguments) {
        Suite.Result result = suite.vmm(arguments);
        assertThat(result.exit())
                .as("vmm %s: %s", List.of(arguments), result.out())
                .isEqualTo(exit);
        assertThat(result.err()).startsWith("vmm: ").hasLineCount(1);
        return result.err();
    }

    private static void create(String name, int milliseconds)
            throws IOException, InterruptedException {
        String image = guest("ticker").toString();
        String pause = "ms=" + milliseconds;
        ok("create", name, image, "--arg", pause, "--no-add-name", "--mem", "16");
    }

    // apply

    private Path declaration(String text) throws IOException, InterruptedException {
        Files.writeString(folder.resolve("content"), "what is on it");
        return Files.writeString(
                folder.resolve("host.yaml"), text.replace("IMAGE", guest("ticker").toString()));
    }

    private static final String HOST =
            """
            policies:
              shop: {unikernels: 3, memory: 100, block: 4, cpus: [0]}
              shop:eu: {unikernels: 1, memory: 40, block: 2}
            blocks:
              shop:eu:data: {size: 1, content: content}
            unikernels:
              shop:first:
                image: IMAGE
                memory: 16
                args: [ms=20]
                add-name: false
              shop:eu:second:
                image: IMAGE
                memory: 16
                args: [ms=30]
                add-name: false
                restart-on-fail: true
                startup: 10
            """;

    @Test
    void apply_makesWhatIsDeclared_andNothingTheSecondTime() throws Exception {
        String file = declaration(HOST).toString();
        Suite.Result plan = ok("apply", "-f", file, "--plan");
        assertThat(plan.out()).contains("would be 5 new, 0 replaced, 0 unchanged");
        assertThat(ok("info", "-q").out()).isEmpty();
        assertThat(ok("policy", "-q").out()).isEqualTo(":\n");

        Suite.Result first = ok("apply", "-f", file);
        assertThat(first.out().replaceAll("(?m)^[+~] (\\S+) +(\\S+).*$", "$1 $2"))
                .as("second starts before first, what is above comes before what is below")
                .isEqualTo(
                        """
                        policy shop:
                        policy shop:eu:
                        block shop:eu:data
                        unikernel shop:eu:second
                        unikernel shop:first
                        5 new, 0 replaced, 0 unchanged
                        """);
        Path dump = folder.resolve("dump");
        ok("dump-block", "shop:eu:data", dump.toString());
        assertThat(Files.readString(dump)).startsWith("what is on it").hasSize(1 << 20);

        var pids = suite.tenders().stream().map(ProcessHandle::pid).sorted().toList();
        assertThat(pids).hasSize(2);
        assertThat(ok("apply", "-f", file).out()).isEqualTo("0 new, 0 replaced, 5 unchanged\n");
        assertThat(suite.tenders().stream().map(ProcessHandle::pid).sorted().toList())
                .isEqualTo(pids);
    }

    @Test
    void apply_replacesWhatDiffers_andKeepsToThePolicies() throws Exception {
        ok("apply", "-f", declaration(HOST).toString());
        String more = HOST.replace("memory: 40", "memory: 80").replace("memory: 16", "memory: 40");
        Suite.Result second = ok("apply", "-f", declaration(more).toString());
        assertThat(second.out())
                .contains("~ policy     shop:eu:  memory 40 MiB -> 80 MiB")
                .contains("~ unikernel  shop:first  memory 16 MiB -> 40 MiB")
                .contains("0 new, 3 replaced, 2 unchanged");
        assertThat(suite.tenders()).hasSize(2);

        String less = more.replace("memory: 100", "memory: 50");
        String why = refused(117, "apply", "-f", declaration(less).toString(), "--plan");
        assertThat(why).contains("policy shop:: ").contains("nothing was done");
        String tooMany = more.replace("unikernels: 3", "unikernels: 1").replace("eu", "us");
        assertThat(refused(117, "apply", "-f", declaration(tooMany).toString()))
                .contains("nothing was done");
        assertThat(suite.tenders()).hasSize(2);
        String resized = more.replace("size: 1", "size: 2");
        assertThat(refused(117, "apply", "-f", declaration(resized).toString()))
                .contains("devices keep their size");
    }

    @Test
    void apply_prunesWhatIsNotDeclared_inDeclaredPathsAlone() throws Exception {
        ok("apply", "-f", declaration(HOST).toString());
        create("shop:stray", 50);
        create("other:kept", 50);
        ok("create-block", "shop:left", "1");
        ok("add-policy", "shop:us", "1", "--mem", "20");
        String less =
                """
                policies:
                  shop: {unikernels: 3, memory: 100, block: 4, cpus: [0]}
                unikernels:
                  shop:first: {image: IMAGE, memory: 16, args: [ms=20], add-name: false}
                """;
        String file = declaration(less).toString();
        assertThat(ok("apply", "-f", file).out()).isEqualTo("0 new, 0 replaced, 2 unchanged\n");
        assertThat(refused(124, "apply", "-f", file, "--prune")).contains("add --yes");
        String plan = ok("apply", "-f", file, "--prune", "--plan").out();
        assertThat(plan).contains("would be 0 new, 0 replaced, 6 removed, 2 unchanged");
        assertThat(suite.tenders()).hasSize(4);

        assertThat(ok("apply", "-f", file, "--prune", "--yes").out())
                .contains("- unikernel  shop:eu:second  16 MiB")
                .contains("- unikernel  shop:stray  16 MiB")
                .contains("- block      shop:eu:data  1 MiB and what is on it")
                .contains("- block      shop:left  1 MiB and what is on it")
                .contains("- policy     shop:eu:  1 unikernel, 40 MiB")
                .contains("- policy     shop:us:  1 unikernel, 20 MiB");
        assertThat(ok("info", "-q").out()).isEqualTo("other:kept\nshop:first\n");
        assertThat(ok("block", "-q").out()).isEmpty();
        assertThat(ok("policy", "-q").out()).isEqualTo(":\nshop:\n");
    }

    @Test
    void apply_namesFileAndLine_ofAMistake() throws Exception {
        String mistake = HOST.replace("startup: 10", "startpu: 10");
        assertThat(refused(124, "apply", "-f", declaration(mistake).toString()))
                .contains("host.yaml:18: 'startpu' is not known here");
        assertThat(refused(124, "apply", "-f", declaration("policies: [").toString()))
                .contains("host.yaml:")
                .contains("no YAML");
        assertThat(refused(124, "apply", "-f", folder.resolve("none").toString()))
                .contains("no such file");
        assertThat(ok("info", "-q").out()).isEmpty();
    }

    // policy explain

    /** BEHAVIOUR 14.15: only the policy at exactly the path counts. */
    @Test
    void explain_namesEveryPolicyAbove_andWhatTheyLeaveTogether() throws Exception {
        ok("add-policy", "alice", "2", "--mem", "64", "--block", "10");
        ok("add-policy", "alice:bob", "2", "--mem", "64");
        ok("add-policy", "alice:charlie", "2", "--mem", "48", "--block", "5");
        create("alice:bob:one", 50);
        ok("create-block", "alice:charlie:disk", "3");
        assertThat(ok("policy", "explain", "alice:charlie").out().replaceAll(" {2,}", " | "))
                .contains("alice: | 1 of 2 | 16 MiB of 64 MiB | 3 MiB of 10 MiB | 0 | -")
                .contains("alice:charlie: | 0 of 2 | 0 MiB of 48 MiB | 3 MiB of 5 MiB | 0 | -")
                .contains("left at alice:charlie: | 1 | 48 MiB | 2 MiB | 0 | -");
        create("alice:charlie:two", 50);
        String image = guest("ticker").toString();
        assertThat(refused(117, "create", "alice:bob:three", image, "--mem", "16", "--dry-run"))
                .contains("policy of alice: ");
        assertThat(refused(117, "create", "alice:bob:three", image, "--mem", "16"))
                .contains("policy of alice: ");
    }

    // console

    @Test
    void consoles_areShownTogether_eachLineWithItsName() throws Exception {
        create("one", 20);
        create("two:other", 20);
        try (var both = Follower.vmm(suite, "console", "-f", "one", "two:other", "--count", "2")) {
            for (String name : List.of("one", "two:other")) {
                Suite.await("lines of " + name, () -> isShown(both.text(), name));
            }
            long seen = both.text().lines().count();
            Suite.await("more lines", () -> both.text().lines().count() > seen + 10);
            assertThat(both.interrupt()).as("the exit code after SIGINT").isEqualTo(130);
            assertThat(both.text().lines().filter(line -> line.contains("tick")))
                    .allMatch(line -> isShown(line, "one") || isShown(line, "two:other"));
        }
    }

    private static boolean isShown(String text, String name) {
        return text.lines().anyMatch(line -> line.matches(".* :?" + name + " +\\| .*tick \\d+.*"));
    }

    // update

    private static Bytes digest(byte[] image) throws Exception {
        return Bytes.of(MessageDigest.getInstance("SHA-256").digest(image));
    }

    @Test
    void update_replacesByTheNewestBuild_withTheSameArguments() throws Exception {
        create("web", 40);
        byte[] old = Files.readAllBytes(guest("ticker"));
        byte[] newer = java.util.Arrays.copyOf(old, old.length + 1000);
        try (var builds = new BuilderWeb()) {
            String[] update = {"update", "web", "--http-host", builds.url()};
            assertThat(refused(118, update)).contains("knows no image with this digest");
            builds.knows(digest(old), "one");
            builds.knows(digest(newer), "two");
            builds.latest("one", old);
            assertThat(ok(update).out()).contains("up to date");

            builds.latest("two", newer);
            assertThat(ok("update", "web", "--http-host", builds.url(), "--dry-run").out())
                    .contains("build two of ticker is newer");
            assertThat(ok("info", "--format", "json").out()).contains(digest(old).hex());
            ok(update);
            assertThat(ok("info", "--format", "json").out())
                    .contains(digest(newer).hex())
                    .contains("ms=40");
            assertThat(suite.tenders()).hasSize(1);
            assertThat(builds.asked).contains("/job/ticker/build/two/main-binary");

            builds.latest("three", old);
            builds.tear();
            assertThat(refused(118, update)).contains("broke off");
            assertThat(ok("info", "--format", "json").out()).contains(digest(newer).hex());
        }
        assertThat(refused(118, "update", "web", "--http-host", "http://127.0.0.1:1"))
                .contains("cannot reach");
        assertThat(refused(117, "update", "nobody", "--http-host", "http://127.0.0.1:1"))
                .contains("does not run");
    }
}
