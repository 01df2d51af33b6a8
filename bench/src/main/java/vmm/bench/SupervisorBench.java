package vmm.bench;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import vmm.daemon.http.HttpClient;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.ConfigureRequest.CgroupProfile;
import vmm.wire.supervisor.ConfigureRequest.Owner;
import vmm.wire.supervisor.ConfigureRequest.Sandbox;
import vmm.wire.supervisor.Deadline;
import vmm.wire.supervisor.DomainRequest;
import vmm.wire.supervisor.ExecRequest;
import vmm.wire.supervisor.StopRequest;

/**
 * Figures of the packaged supervisor: start, memory, and its calls with a hundred domains at once.
 */
public final class SupervisorBench {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int DOMAINS = 100;
    private static final int STARTS = 9;

    /** The first thousand are those of a supervisor that has just been started. */
    private static final int FRESH = 1000;

    private static final int EXECS = 3000;
    private static final int FREEZES = 300;
    private static final int AT_ONCE = 8;

    private final HttpClient client;
    private final boolean confined;

    private SupervisorBench(HttpClient client, boolean confined) {
        this.client = client;
        this.confined = confined;
    }

    /**
     * Measures.
     *
     * @param arguments the program vmm-supervisor
     */
    @SuppressWarnings("SystemOut")
    public static void main(String... arguments) throws Exception {
        var times = new long[STARTS];
        var resident = new long[STARTS];
        for (int i = 0; i < STARTS; i++) {
            Path folder = Files.createTempDirectory("vmm-bench");
            long begin = System.nanoTime();
            Process process = start(arguments[0], folder);
            times[i] = System.nanoTime() - begin;
            TimeUnit.SECONDS.sleep(1);
            resident[i] = residentKiB(process);
            stop(process);
        }
        Arrays.sort(times);
        Arrays.sort(resident);
        System.out.printf(
                "start to listening %.0f / %.0f / %.0f ms (least, median, most), idle %.1f MB%n",
                times[0] / 1e6,
                times[STARTS / 2] / 1e6,
                times[STARTS - 1] / 1e6,
                resident[STARTS / 2] / 1024.0);
        for (boolean confined : new boolean[] {false, true}) {
            Path folder = Files.createTempDirectory("vmm-bench");
            Process process = start(arguments[0], folder);
            try (var client = new HttpClient(socket(folder))) {
                System.out.println(confined ? "confined domains:" : "plain domains:");
                new SupervisorBench(client, confined).measure(process);
            } finally {
                stop(process);
            }
        }
    }

    private static Path socket(Path folder) {
        return folder.resolve("util/supervisor.sock");
    }

    private static Process start(String program, Path folder) throws IOException {
        Process process =
                new ProcessBuilder(program, "--tmpdir", folder.toString()).inheritIO().start();
        while (true) {
            try (var probe = SocketChannel.open(UnixDomainSocketAddress.of(socket(folder)))) {
                if (probe.isConnected()) {
                    return process;
                }
            } catch (IOException notYet) {
                LockSupport.parkNanos(500_000);
            }
        }
    }

    private static void stop(Process process) throws InterruptedException {
        process.destroy();
        process.waitFor();
    }

    private static long residentKiB(Process process) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return 0;
    }

    private void call(String path, byte[] json) throws IOException {
        HttpClient.Reply reply = client.post(path, json, PATIENCE);
        if (reply.status() != 200) {
            String why = new String(reply.body().toArray(), StandardCharsets.UTF_8);
            throw new IOException(path + ": " + why);
        }
    }

    private static String domain(int i) {
        return "bench" + i;
    }

    private void exec(int domain, String name, String program, String... arguments)
            throws IOException {
        call(
                "/exec",
                ExecRequest.of(
                                domain(domain),
                                name,
                                program,
                                List.of(arguments),
                                Optional.empty(),
                                List.of())
                        .json());
    }

    private ConfigureRequest configuration(int i, String... programs) {
        var plain =
                ConfigureRequest.of(domain(i), List.of(), Optional.empty())
                        .withLimits(new CgroupProfile(0, 64 << 20));
        return confined
                ? plain.confined(
                        new Owner(2_100_000 + i, 2_100_000 + i),
                        List.of(programs),
                        List.of(),
                        "tender",
                        new Sandbox(List.of("null"), true, 64, 500, 0))
                : plain;
    }

    @SuppressWarnings("SystemOut")
    private void measure(Process process) throws Exception {
        String sleep = Path.of("/bin/sleep").toRealPath().toString();
        String yes = Path.of("/bin/true").toRealPath().toString();
        var start = new ArrayList<Long>();
        for (int i = 0; i < DOMAINS; i++) {
            call("/configure", configuration(i, sleep, yes).json());
            byte[] request = new DomainRequest(domain(i)).json();
            start.add(timed(() -> call("/start", request)));
            exec(i, "long", sleep, "1000");
        }
        var execs = new ArrayList<Long>();
        Duration beforeExecs = cpuTime(process);
        for (int i = 0; i < EXECS; i++) {
            int domain = i % DOMAINS;
            String name = "p" + (i / DOMAINS);
            execs.add(timed(() -> exec(domain, name, yes)));
        }
        Duration afterExecs = cpuTime(process);
        long begin = System.nanoTime();
        sideBySide(name -> "q" + name, yes);
        double rate = EXECS * 1e9 / (System.nanoTime() - begin);
        Duration beforeFreezes = cpuTime(process);
        var freezes = new ArrayList<Long>();
        var thaws = new ArrayList<Long>();
        for (int i = 0; i < FREEZES; i++) {
            byte[] request = new DomainRequest(domain(i % DOMAINS)).json();
            freezes.add(timed(() -> call("/freeze", request)));
            thaws.add(timed(() -> call("/thaw", request)));
        }
        Duration afterFreezes = cpuTime(process);
        System.out.printf(
                "  CPU time of an exec %.2f ms, of a freeze and a thaw %.2f ms%n",
                afterExecs.minus(beforeExecs).toNanos() / 1e6 / EXECS,
                afterFreezes.minus(beforeFreezes).toNanos() / 1e6 / FREEZES);
        System.out.printf(
                "  resident with %d domains %.1f MB%n", DOMAINS, residentKiB(process) / 1024.0);
        print("start", start);
        print("exec", execs);
        print("exec, the first " + FRESH, execs.subList(0, FRESH));
        print("exec, the later ones", execs.subList(FRESH, EXECS));
        System.out.printf("  exec, %d at a time: %.0f a second%n", AT_ONCE, rate);
        print("freeze", freezes);
        print("thaw", thaws);
        var deadline = Deadline.at(Instant.now().plus(PATIENCE));
        var stops = new ArrayList<Long>();
        for (int i = 0; i < DOMAINS; i++) {
            byte[] request = new StopRequest(domain(i), deadline).json();
            stops.add(timed(() -> call("/stop", request)));
        }
        print("stop", stops);
    }

    /** Depends less than time does on what else the machine has to do. */
    private static Duration cpuTime(Process process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private interface Name {
        String of(int number);
    }

    private void sideBySide(Name names, String program) throws InterruptedException {
        var next = new AtomicInteger();
        var failed = new AtomicInteger();
        var threads = new ArrayList<Thread>();
        for (int t = 0; t < AT_ONCE; t++) {
            threads.add(
                    Thread.startVirtualThread(
                            () -> {
                                for (int i = next.getAndIncrement();
                                        i < EXECS;
                                        i = next.getAndIncrement()) {
                                    try {
                                        exec(i % DOMAINS, names.of(i / DOMAINS), program);
                                    } catch (IOException e) {
                                        failed.incrementAndGet();
                                    }
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (failed.get() > 0) {
            throw new AssertionError(failed + " calls failed");
        }
    }

    private interface Call {
        void run() throws IOException;
    }

    private static long timed(Call call) throws IOException {
        long begin = System.nanoTime();
        call.run();
        return System.nanoTime() - begin;
    }

    @SuppressWarnings("SystemOut")
    private static void print(String what, List<Long> nanos) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        System.out.printf(
                "  %s %.2f / %.2f / %.2f ms (median, 99th of 100, most)%n",
                what,
                sorted[sorted.length / 2] / 1e6,
                sorted[sorted.length * 99 / 100] / 1e6,
                sorted[sorted.length - 1] / 1e6);
    }
}
