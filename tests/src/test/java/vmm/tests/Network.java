package vmm.tests;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A network namespace of its own, with one bridge that has the address 10.0.0.1/24. */
final class Network implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final long SECONDS_MAX = 30;

    private final String name =
            "vmm-test-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();

    private Network() {}

    /** True if this user may make namespaces with the tools that are installed. */
    static boolean isPossible() {
        try (Network _ = Network.withBridge("probe0")) {
            return true;
        } catch (IOException | AssertionError cannot) {
            return false;
        }
    }

    static Network withBridge(String bridge) throws IOException {
        var network = new Network();
        run("ip", "netns", "add", network.name);
        try {
            network.inside("ip", "link", "set", "lo", "up");
            network.inside("ip", "link", "add", bridge, "type", "bridge");
            network.inside("ip", "address", "add", "10.0.0.1/24", "dev", bridge);
            network.inside("ip", "link", "set", bridge, "up");
        } catch (AssertionError | IOException e) {
            network.close();
            throw e;
        }
        return network;
    }

    /** What a command is started through to run inside. */
    List<String> prefix() {
        return List.of("ip", "netns", "exec", name);
    }

    /**
     * The same where control groups are wanted too, which "ip netns exec" hides behind a new /sys.
     */
    List<String> prefixWithGroups() {
        return List.of(
                "nsenter",
                "--net=/run/netns/" + name,
                "unshare",
                "-m",
                "sh",
                "-c",
                "groups=$(mktemp -d) && mount --rbind /sys/fs/cgroup $groups && umount -l /sys"
                        + " && mount -t sysfs none /sys && mount --rbind $groups /sys/fs/cgroup"
                        + " && umount -l $groups && rmdir $groups && exec \"$@\"",
                "sh");
    }

    /** Runs a command inside and gives what it printed; it must succeed. */
    String inside(String... command) throws IOException {
        var line = new ArrayList<>(prefix());
        line.addAll(List.of(command));
        return run(line.toArray(String[]::new));
    }

    private static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new AssertionError(List.of(command) + " failed: " + said);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return said;
    }

    @Override
    public void close() {
        try {
            run("ip", "netns", "delete", name);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
