package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.wire.Message.Payload;

/**
 * The endpoint under openbsd-inetd: a stray byte on any descriptor would end the handshake, or come
 * after the end.
 */
class TlsInetdTest {
    private static final Path INETD = Path.of("/usr/sbin/inetd");
    private static final Path SOCAT = Path.of("/usr/bin/socat");
    private static final String PROGRAM =
            House.ROOT.resolve("dist/bin/vmm-tls-endpoint").toString();

    /** Enough for every day; {@code -Dconnections=1000} asks each way as often. */
    private static final int PROCESSES = Integer.getInteger("connections", 12);

    private static final int RELAYED = Integer.getInteger("connections", 200);
    private static final int AT_A_TIME = 4;

    @TempDir Path folder;

    private Suite suite;
    private Gate gate;
    private TlsAsker asker;
    private Process inetd;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(Suite.isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        assumeTrue(Files.isExecutable(INETD), "openbsd-inetd is missing");
        suite = Suite.start();
        gate = Gate.build(suite, folder);
        gate.sign("unikernel", "info", "-n", "unikernel");
        asker = new TlsAsker(folder, "unikernel");
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (inetd != null) {
            inetd.destroyForcibly().waitFor();
        }
        if (suite != null) {
            gate.close();
            suite.close();
        }
    }

    /** A line of inetd.conf for a program and its arguments. */
    private void serve(String wait, String program, String... arguments) throws IOException {
        Path conf = folder.resolve("inetd.conf");
        Files.writeString(
                conf,
                String.join(
                        " ",
                        gate.destination(),
                        "stream tcp",
                        wait,
                        System.getProperty("user.name"),
                        program,
                        String.join(" ", arguments) + "\n"));
        inetd =
                new ProcessBuilder(INETD.toString(), "-d", conf.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("inetd.log").toFile())
                        .start();
        Suite.await("an answer", () -> ask() == 0);
    }

    private void serveOurselves(String wait) throws IOException {
        serve(
                wait,
                PROGRAM,
                "vmm-tls-endpoint --inetd --tmpdir " + suite.tmp(),
                String.join(" ", gate.arguments()));
    }

    private int ask() {
        return gate.remote("policy").exit();
    }

    /** Shows the certificate so often, some at a time; each time it must be answered. */
    private void askTimes(int connections) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME)) {
            Callable<Payload> once = () -> asker.ask(gate.port()).payload();
            for (Future<Payload> answer :
                    threads.invokeAll(
                            IntStream.range(0, connections).mapToObj(_ -> once).toList())) {
                assertThat(answer.get()).isInstanceOf(Payload.Done.class);
            }
        }
    }

    @Test
    void connections_areAnswered_byProcessesOfTheirOwn() throws Exception {
        serveOurselves("nowait.100000");
        askTimes(PROCESSES);
    }

    @Test
    void connections_areAnswered_byAProcessThatTakesTheSocket() throws Exception {
        serveOurselves("wait");
        askTimes(RELAYED);
        long served = inetd.descendants().peek(ProcessHandle::destroyForcibly).count();
        assertThat(served).as("processes for all").isEqualTo(1);
    }

    @Test
    void connections_areAnswered_byTheResidentEndpoint_behindARelay() throws Exception {
        assumeTrue(Files.isExecutable(SOCAT), "socat is missing");
        Path socket = folder.resolve("tls.sock");
        gate.open(socket);
        serve("nowait.100000", SOCAT.toString(), "socat STDIO UNIX-CONNECT:" + socket);
        askTimes(RELAYED);
    }
}
