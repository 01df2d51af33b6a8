package vmm.supervisor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.os.Cgroup;
import vmm.os.Cgroups;
import vmm.os.Confinement;
import vmm.os.CpuTime;
import vmm.os.KernelFile;
import vmm.os.Libc;
import vmm.os.Mounts;
import vmm.os.Processes;
import vmm.os.Reaper;
import vmm.os.Spawner;
import vmm.os.Taps;
import vmm.os.Traffic;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.ConfigureRequest.CgroupProfile;
import vmm.wire.supervisor.CycleResponse.NetworkBytes;
import vmm.wire.supervisor.ExecRequest;

/** The kernel this process runs on. */
final class LinuxHost implements Host {
    private static final Logger LOG = LogManager.getLogger(LinuxHost.class);

    /** A real process stops within milliseconds; one in the kernel's hands may not. */
    private static final Duration FREEZE_MAX = Duration.ofSeconds(5);

    private final Cgroups cgroups;
    private final Path folder;
    private final Reaper reaper;
    private final Traffic traffic;
    private final Clock clock;

    /**
     * @param folder where new roots are put together
     */
    LinuxHost(Cgroups cgroups, Path folder, Clock clock) throws IOException {
        this.cgroups = cgroups;
        this.folder = folder;
        this.clock = clock;
        Processes.forbidCores();
        reaper = new Reaper();
        traffic = new Traffic();
    }

    @Override
    public Ground make(ConfigureRequest request, CgroupProfile limits)
            throws IOException, InterruptedException {
        Plan plan = Plan.of(request);
        Cgroup cgroup = cgroups.create(request.domain());
        var ground = new Ground(Map.of(), cgroup, plan.confinement());
        boolean ok = false;
        try {
            if (!limits.equals(CgroupProfile.NONE)) {
                limit(ground, limits);
            }
            if (plan.pidsLimit() != 0) {
                cgroup.limitPids(plan.pidsLimit());
            }
            ground = ground.within(mounts(plan));
            ground = ground.with(taps(request));
            share(plan);
            for (ConfigureRequest.Hook hook : request.startHooks()) {
                run(hook);
            }
            ok = true;
            return ground;
        } finally {
            if (!ok) {
                unmake(request, ground);
            }
        }
    }

    private Optional<Mounts> mounts(Plan plan) throws IOException, InterruptedException {
        if (plan.mounts().isEmpty() && !plan.privateRoot()) {
            return Optional.empty();
        }
        if (!plan.privateRoot()) {
            return Optional.of(Mounts.make(Optional.empty(), plan.mounts()));
        }
        Path root = Files.createDirectories(folder.resolve("root"));
        return Optional.of(Mounts.make(Optional.of(root), plan.mounts()));
    }

    private static Map<String, String> taps(ConfigureRequest request) throws IOException {
        long uid = request.owner().map(ConfigureRequest.Owner::uid).orElse(0L);
        long gid = request.owner().map(ConfigureRequest.Owner::gid).orElse(0L);
        var taps = new LinkedHashMap<String, String>();
        for (ConfigureRequest.Network network : request.networks()) {
            try {
                taps.put(network.device(), Taps.make(network.bridge(), uid, gid));
            } catch (IOException e) {
                taps.values().forEach(LinuxHost::removeTap);
                throw new IOException("no tap for " + network.device() + ": " + e.getMessage(), e);
            }
        }
        return taps;
    }

    private static void removeTap(String tap) {
        try {
            Taps.remove(tap);
        } catch (IOException e) {
            LOG.error("tap {} stays: {}", tap, e.getMessage());
        }
    }

    /** Block files stay their owner's: the domain comes in by its group, which nobody else has. */
    private static void share(Plan plan) throws IOException {
        Optional<Confinement.User> user = plan.confinement().user();
        if (user.isEmpty()) {
            return;
        }
        for (String file : plan.writable()) {
            Libc.chown(file, -1, (int) user.get().gid());
            Libc.chmod(file, 0660);
        }
    }

    private static void unshare(Plan plan) throws IOException {
        for (String file : plan.writable()) {
            if (Files.exists(Path.of(file))) {
                Libc.chmod(file, 0600);
            }
        }
    }

    private void run(ConfigureRequest.Hook hook) throws IOException, InterruptedException {
        int pid =
                Spawner.spawn(
                        new Spawner.Child(
                                hook.path(),
                                hook.args(),
                                hook.envs().orElseGet(System::getenv),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                List.of(),
                                Optional.empty(),
                                Confinement.NONE));
        var end = new CompletableFuture<Reaper.Ending>();
        reaper.watch(pid, true, end::complete);
        try {
            Reaper.Ending how = end.get(hook.timeoutMillis(), TimeUnit.MILLISECONDS);
            if (!how.equals(new Reaper.Exited(0))) {
                throw new IOException("hook " + hook.name() + " failed: " + text(how));
            }
        } catch (TimeoutException e) {
            signal(pid, Libc.SIGKILL);
            throw new IOException(
                    "hook " + hook.name() + " took more than " + hook.timeoutMillis() + " ms", e);
        } catch (ExecutionException never) {
            throw new IllegalStateException(never);
        }
    }

    private static String text(Reaper.Ending how) {
        return switch (how) {
            case Reaper.Exited(int code) -> "exit status " + code;
            case Reaper.Signalled(int signal) -> "signal " + signal;
            case Reaper.Unknown() -> "nobody knows how";
        };
    }

    @Override
    public Ground adopt(
            ConfigureRequest request,
            Map<String, String> taps,
            Map<String, String> cgroup,
            int pid) {
        Optional<Mounts> mounts = Optional.empty();
        if (pid > 0) {
            try {
                mounts = Processes.hasOwnMounts(pid) ? Optional.of(Mounts.of(pid)) : mounts;
            } catch (IOException gone) {
                LOG.debug("no mounts of {}: {}", pid, gone.getMessage());
            }
        }
        return new Ground(taps, Cgroups.adopt(cgroup), Plan.of(request).confinement())
                .within(mounts);
    }

    @Override
    public void unmake(ConfigureRequest request, Ground ground) throws IOException {
        try {
            // Whoever was in it may hold a tap or a mount until it is gone.
            ground.cgroup().remove();
        } finally {
            ground.taps().values().forEach(LinuxHost::removeTap);
            Optional<Mounts> mounts = ground.confinement().mounts();
            if (mounts.isPresent()) {
                mounts.get().close();
            }
            unshare(Plan.of(request));
        }
    }

    @Override
    public int hold(String output) throws IOException {
        return Libc.open(output, Libc.O_RDWR | Libc.O_NONBLOCK, 0);
    }

    @Override
    public void release(int held) throws IOException {
        Libc.close(held);
    }

    @Override
    public int spawn(Ground ground, ExecRequest exec, Logs.Sink sink)
            throws IOException, InterruptedException {
        try (Outputs outputs = Outputs.open(exec)) {
            int pid =
                    Spawner.spawn(
                            new Spawner.Child(
                                    exec.path(),
                                    exec.args(),
                                    outputs.environment(),
                                    exec.cwd().filter(c -> !c.isEmpty()),
                                    outputs.output(),
                                    outputs.messages(),
                                    exec.cpus(),
                                    Optional.of(ground.cgroup()),
                                    ground.confinement()));
            outputs.start(clock, sink);
            return pid;
        }
    }

    @Override
    public long startTicks(int pid) {
        return Processes.startTicks(pid);
    }

    @Override
    public void watch(int pid, boolean child, Consumer<Reaper.Ending> whenEnded)
            throws IOException {
        reaper.watch(pid, child, whenEnded);
    }

    @Override
    public void signal(int pid, int signal) {
        if (!Libc.killIfThere(-pid, signal)) {
            LOG.debug("nobody in group {} to be signalled", pid);
        }
    }

    @Override
    public void killAll(Ground ground) throws IOException {
        ground.cgroup().killAll();
    }

    @Override
    public void letDie(Ground ground, int pid) throws IOException {
        for (int member : ground.cgroup().pids()) {
            if (Processes.group(member) == pid) {
                ground.cgroup().release(member);
            }
        }
    }

    @Override
    public Watch watchTraffic(Ground ground, Runnable whenSome) throws IOException {
        Traffic.Watch watch = traffic.watch(ground.taps().values(), whenSome);
        return watch::close;
    }

    @Override
    public void freeze(Ground ground) throws IOException {
        ground.cgroup().freeze(FREEZE_MAX);
    }

    @Override
    public void thaw(Ground ground) throws IOException {
        ground.cgroup().resetMemoryMax();
        ground.cgroup().thaw();
    }

    @Override
    public void limit(Ground ground, CgroupProfile limits) throws IOException {
        ground.cgroup()
                .limit(
                        new Cgroup.Ceilings(
                                limits.cpuLimit(),
                                limits.memoryLimitBytes(),
                                limits.ioReadBytes(),
                                limits.ioWriteBytes()));
    }

    @Override
    public Usage usage(Ground ground) throws IOException {
        var networks = new TreeMap<String, NetworkBytes>();
        for (String tap : ground.taps().values()) {
            Path counters = Path.of("/sys/class/net", tap, "statistics");
            if (Files.exists(counters)) {
                // What the host sends through a tap is what the guest receives.
                networks.put(
                        tap,
                        new NetworkBytes(
                                KernelFile.number(counters.resolve("tx_bytes")),
                                KernelFile.number(counters.resolve("rx_bytes"))));
            }
        }
        return new Usage(
                ground.cgroup().cpuNanos(),
                System.nanoTime(),
                CpuTime.ofThisProcess(),
                ground.cgroup().memoryMaxBytes(),
                cgroups.machineCpuNanos(),
                CpuTime.idle(),
                networks);
    }

    @Override
    public long oomKills(Ground ground) {
        try {
            return ground.cgroup().oomKills();
        } catch (IOException gone) {
            return 0;
        }
    }

    @Override
    public void close() {
        reaper.close();
        traffic.close();
        cgroups.close();
    }
}
