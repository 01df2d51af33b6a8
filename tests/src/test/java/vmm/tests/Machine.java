package vmm.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A Linux of its own with systemd as its init: this machine's files, but what it writes is only its
 * own and gone at its end. Its network is empty.
 */
final class Machine implements AutoCloseable {
    private static final String INIT = "/usr/lib/systemd/systemd";
    private static final Duration COMMAND_MAX = Duration.ofMinutes(5);

    /** The signal that tells systemd in a container to power off: SIGRTMIN+4. */
    private static final String POWER_OFF = "-38";

    /** What the machine writes is in memory. */
    private static final String OVERLAY =
            """
            mount -t tmpfs -o size=2g,mode=755 tmpfs "$0"
            mkdir "$0/up" "$0/work" "$0/root"
            mount -t overlay overlay -o "lowerdir=/,upperdir=$0/up,workdir=$0/work" "$0/root"
            """;

    /**
     * A container is known by its surroundings, and services are started where they are installed.
     */
    private static final String BOOT =
            "set -e\n"
                    + OVERLAY
                    + """
            rm -f "$0/root/.dockerenv" "$0/root/usr/sbin/policy-rc.d"
            exec systemd-nspawn --register=no --keep-unit --private-network -q -D "$0/root" "$@" \\
                --system-call-filter=pidfd_getfd --boot systemd.unit=basic.target </dev/null
            """;

    private final Path folder;
    private final Process boot;
    private long init;

    private Machine(Path folder, Process boot) {
        this.folder = folder;
        this.boot = boot;
    }

    /** Says why no machine can be booted here, or is empty if one can. */
    static Optional<String> problem() throws IOException {
        if (!System.getProperty("user.name").equals("root")) {
            return Optional.of("root is needed to boot a machine");
        }
        if (!Files.isExecutable(Path.of(INIT))) {
            return Optional.of(INIT + " is missing (package systemd)");
        }
        for (String program : List.of("systemd-nspawn", "unshare", "nsenter", "dpkg-deb")) {
            if (Guests.program(program).isEmpty()) {
                return Optional.of(
                        program + " is missing (packages systemd-container, util-linux, dpkg)");
            }
        }
        Path folder = Files.createTempDirectory("vmm-machine");
        try {
            Suite.Result tried =
                    run("unshare", "--mount", "sh", "-c", "set -e\n" + OVERLAY, folder.toString());
            return tried.exit() == 0
                    ? Optional.empty()
                    : Optional.of("no overlay of / can be mounted here: " + tried.err().strip());
        } finally {
            Files.delete(folder);
        }
    }

    /**
     * @param shown files and folders of this machine that are to be seen inside, at the same place
     * @throws IOException if systemd does not run: nothing of ours has been asked of it yet
     */
    static Machine boot(List<Path> shown) throws IOException {
        Path folder = Files.createTempDirectory("vmm-machine");
        var command =
                new ArrayList<>(
                        List.of("unshare", "--mount", "--propagation", "private", "sh", "-c"));
        command.addAll(List.of(BOOT, folder.toString()));
        shown.forEach(path -> command.add("--bind=" + path));
        Process boot =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(
                                folder.resolveSibling(folder.getFileName() + ".log").toFile())
                        .start();
        var machine = new Machine(folder, boot);
        try {
            Suite.await("systemd runs", machine::isBooted);
            return machine;
        } catch (AssertionError never) {
            String said = machine.log();
            machine.close();
            throw new IOException("no machine boots here: " + said, never);
        }
    }

    private Path logFile() {
        return folder.resolveSibling(folder.getFileName() + ".log");
    }

    private String log() {
        try {
            return Files.readString(logFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isBooted() {
        Optional<ProcessHandle> first =
                boot.children().filter(p -> p.info().command().orElse("").equals(INIT)).findFirst();
        if (first.isEmpty()) {
            return false;
        }
        init = first.get().pid();
        String state = tried("systemctl", "is-system-running").out().strip();
        return state.equals("running") || state.equals("degraded");
    }

    /** Runs a command inside, whatever comes of it. */
    Suite.Result tried(String... command) {
        var line = new ArrayList<>(List.of("nsenter", "-t", String.valueOf(init), "-a", "--"));
        line.addAll(List.of(command));
        return run(line.toArray(String[]::new));
    }

    /** Runs a command inside and gives what it printed; it must succeed. */
    String inside(String... command) {
        Suite.Result result = tried(command);
        if (result.exit() != 0) {
            throw new AssertionError(
                    List.of(command)
                            + " ended with "
                            + result.exit()
                            + ": "
                            + result.out()
                            + result.err()
                            + journal());
        }
        return result.out();
    }

    /** What the units have said of late. */
    String journal() {
        return tried("journalctl", "--no-pager", "-q", "-n", "60", "-u", "vmm*").out();
    }

    private static Suite.Result run(String... command) {
        return Suite.run(COMMAND_MAX, new ProcessBuilder(command));
    }

    @Override
    public void close() {
        try {
            if (init > 0) {
                run("kill", POWER_OFF, String.valueOf(init));
            }
            if (!boot.waitFor(20, TimeUnit.SECONDS)) {
                boot.descendants().forEach(ProcessHandle::destroyForcibly);
                boot.destroyForcibly().waitFor();
            }
            Files.deleteIfExists(logFile());
            Files.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
