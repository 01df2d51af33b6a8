package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** The daemons as users run them: separate processes from dist/bin, in a folder of their own. */
final class Suite implements AutoCloseable {
    private static final Path BIN = House.ROOT.resolve("dist/bin");
    static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration PROGRAM_MAX = Duration.ofSeconds(60);

    /** What a run of the client gave. */
    record Result(int exit, String out, String err) {}

    private final Path home;
    private final Map<String, Process> daemons = new LinkedHashMap<>();

    private final Path db;
    private final List<String> prefix;

    private Suite(Path home, Path db, List<String> prefix) {
        this.home = home;
        this.db = db;
        this.prefix = prefix;
    }

    /** True if the programs have been packaged. */
    static boolean isPackaged() {
        return Files.isExecutable(BIN.resolve("vmmd"));
    }

    /** Skips the test unless the packaged programs can run guests on /dev/kvm. */
    static void needsKvm() {
        assumeTrue(isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        assumeTrue(Guests.hasKvm(), "/dev/kvm is not usable here");
    }

    static Suite start() throws IOException {
        return start(List.of());
    }

    /**
     * Skips the test where nothing is packaged.
     *
     * @param target of guests, as {@link Guests#runnable} gives it
     */
    static Suite startFor(String target) throws IOException {
        assumeTrue(isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        Suite suite = start();
        if (target.equals("spt")) {
            Path tender = Guests.program("solo5-spt").orElseThrow();
            Files.createSymbolicLink(suite.db().resolve("solo5-spt"), tender);
        }
        return suite;
    }

    /**
     * @param prefix what every daemon is started through, as {@code ip netns exec NAME}
     */
    static Suite start(List<String> prefix) throws IOException {
        Path home = Files.createTempDirectory("vmm-suite");
        return start(home, home.resolve("db"), prefix);
    }

    /**
     * @param db where vmmd keeps what it has
     */
    static Suite start(List<String> prefix, Path db) throws IOException {
        return start(Files.createTempDirectory("vmm-suite"), db, prefix);
    }

    /** Nothing runs yet. */
    static Suite withoutDaemons(Path db) throws IOException {
        return new Suite(Files.createTempDirectory("vmm-suite"), db, List.of());
    }

    private static Suite start(Path home, Path db, List<String> prefix) throws IOException {
        var suite = new Suite(home, db, prefix);
        Files.createDirectories(suite.db());
        try {
            for (String daemon : List.of("vmm-supervisor", "vmm-console", "vmmd")) {
                suite.startDaemon(daemon);
            }
            return suite;
        } catch (IOException | AssertionError e) {
            suite.leaveNothing();
            throw e;
        }
    }

    Path tmp() {
        return home.resolve("tmp");
    }

    Path db() {
        return db;
    }

    Path socket(String name) {
        return tmp().resolve("util/" + name + ".sock");
    }

    void startDaemon(String name, String... options) throws IOException {
        var builder =
                new ProcessBuilder(commandLine(name, options))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log(name).toFile()));
        daemons.put(name, builder.start());
        Path socket =
                socket(
                        switch (name) {
                            case "vmm-supervisor" -> "supervisor";
                            case "vmm-console" -> "console";
                            default -> "vmmd";
                        });
        await(name + " listens on " + socket, () -> accepts(socket));
    }

    List<String> commandLine(String name, String... options) {
        var command = new ArrayList<>(prefix);
        command.add(BIN.resolve(name).toString());
        command.addAll(List.of("--tmpdir", tmp().toString()));
        if (name.equals("vmmd")) {
            command.addAll(List.of("--dbdir", db().toString()));
        }
        command.addAll(List.of(options));
        return command;
    }

    /** Starts a daemon that cannot start: how it ended, and what it said. */
    Result startInVain(String name, String... options) {
        return run(PROGRAM_MAX, new ProcessBuilder(commandLine(name, options)));
    }

    private Path log(String daemon) {
        return home.resolve(daemon + ".log");
    }

    String logOf(String daemon) {
        try {
            return Files.readString(log(daemon));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean accepts(Path socket) {
        try (var channel =
                java.nio.channels.SocketChannel.open(java.net.UnixDomainSocketAddress.of(socket))) {
            return channel.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    long pid(String daemon) {
        return daemons.get(daemon).pid();
    }

    /** Ends a daemon without giving it a chance, as a crash does. */
    void crash(String daemon) throws InterruptedException {
        daemons.remove(daemon).destroyForcibly().waitFor();
    }

    void stop(String daemon) throws InterruptedException {
        Process process = daemons.remove(daemon);
        if (process != null) {
            process.destroy();
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError(daemon + " did not stop on SIGTERM: " + logOf(daemon));
            }
        }
    }

    Result vmm(String... arguments) {
        return run(PROGRAM_MAX, client(arguments));
    }

    /** A run of the client that has to end with 0. */
    Result ok(String... arguments) {
        Result result = vmm(arguments);
        assertThat(result.exit())
                .as(
                        "vmm %s: %s%s\n%s",
                        List.of(arguments), result.out(), result.err(), logOf("vmmd"))
                .isZero();
        return result;
    }

    /** A run of the client in a folder of its own. */
    Result vmmIn(Path folder, String... arguments) {
        return run(PROGRAM_MAX, client(arguments).directory(folder.toFile()));
    }

    /** A client that goes on; what it prints is the caller's to read. */
    Process startVmmIn(Path folder, String... arguments) throws IOException {
        return client(arguments).directory(folder.toFile()).redirectErrorStream(true).start();
    }

    private ProcessBuilder client(String... arguments) {
        var command = new ArrayList<>(List.of(BIN.resolve("vmm").toString()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command);
        builder.environment().put("VMM_TMPDIR", tmp().toString());
        return builder;
    }

    /** Any program of the suite, run to its end. */
    Result program(String name, String... arguments) {
        var command = new ArrayList<>(List.of(BIN.resolve(name).toString()));
        command.addAll(List.of(arguments));
        return run(PROGRAM_MAX, new ProcessBuilder(command));
    }

    /** Runs a command to its end, whatever comes of it. */
    static Result run(Duration most, ProcessBuilder builder) {
        try {
            Path out = Files.createTempFile("vmm-run", ".out");
            Path err = Files.createTempFile("vmm-run", ".err");
            try {
                Process process =
                        builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
                if (!process.waitFor(most.toSeconds(), TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError("did not end: " + builder.command());
                }
                return new Result(
                        process.exitValue(), Files.readString(out), Files.readString(err));
            } finally {
                Files.delete(out);
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** What vmmd keeps, its bytes as characters. */
    String stateLog() {
        try {
            return Files.readString(db().resolve("state.vmmd"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void signal(long pid, String which) throws IOException, InterruptedException {
        var kill = new ProcessBuilder("kill", which, Long.toString(pid));
        assertThat(kill.start().waitFor()).isZero();
    }

    /** Everything that a failure could leave behind: fifos, images, devices, taps. */
    Set<String> belongings() {
        var found = new TreeSet<String>();
        for (Path folder :
                List.of(tmp().resolve("fifo"), db().resolve("images"), db().resolve("block"))) {
            found.addAll(names(folder));
        }
        names(Path.of("/sys/class/net")).stream()
                .filter(n -> n.startsWith("vmmtap"))
                .forEach(found::add);
        return found;
    }

    private static List<String> names(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(Path::toString).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The tenders of this suite, without what the launcher of one forks before it becomes it. */
    List<ProcessHandle> tenders() {
        String images = db().resolve("images").toString();
        List<ProcessHandle> all =
                ProcessHandle.allProcesses()
                        .filter(p -> p.info().commandLine().orElse("").contains(images))
                        .toList();
        return all.stream().filter(p -> p.parent().filter(all::contains).isEmpty()).toList();
    }

    static void await(String what, BooleanSupplier condition) {
        await(what, PATIENCE, condition);
    }

    static void await(String what, Duration patience, BooleanSupplier condition) {
        Instant end = Instant.now().plus(patience);
        while (!condition.getAsBoolean()) {
            if (Instant.now().isAfter(end)) {
                throw new AssertionError("never came: " + what);
            }
            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
        }
    }

    @Override
    public void close() {
        try {
            for (String daemon : List.of("vmmd", "vmm-console", "vmm-supervisor")) {
                stop(daemon);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            leaveNothing();
        }
    }

    private void leaveNothing() {
        daemons.values().forEach(Process::destroyForcibly);
        tenders().forEach(ProcessHandle::destroyForcibly);
        delete(home);
    }

    /** Deletes a folder and what is in it. */
    static void delete(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
