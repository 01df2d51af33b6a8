package vmm.supervisor;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import vmm.os.Cgroup;
import vmm.os.Cgroups;
import vmm.os.Confinement;
import vmm.os.Libc;
import vmm.os.Reaper;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.ConfigureRequest.CgroupProfile;
import vmm.wire.supervisor.ExecRequest;

/** A kernel in memory, with a v1 freezer: signals wait while a domain is frozen. One thread. */
final class FakeHost implements Host {
    private static final class Child {
        final Ground ground;
        final Deque<Integer> pending = new ArrayDeque<>();
        @Nullable Consumer<Reaper.Ending> whenEnded;

        Child(Ground ground) {
            this.ground = ground;
        }
    }

    private static final class Group {
        boolean frozen;
        long oomKills;
        CgroupProfile limits = CgroupProfile.NONE;
    }

    private final IdentityHashMap<Cgroup, Group> groups = new IdentityHashMap<>();
    private final Map<Integer, Child> children = new HashMap<>();
    private final BooleanSupplier fails;
    private int pids = 1000;

    /** Outputs that are held open. */
    int held;

    /** Who waits for traffic. */
    int watches;

    /**
     * @param fails asked at every call that can fail
     */
    FakeHost(BooleanSupplier fails) {
        this.fails = fails;
    }

    int domains() {
        return groups.size();
    }

    int processes() {
        return children.size();
    }

    private Group group(Ground ground) {
        Group found = groups.get(ground.cgroup());
        if (found == null) {
            throw new AssertionError("a ground that is gone");
        }
        return found;
    }

    private void mayFail(String what) throws IOException {
        if (fails.getAsBoolean()) {
            throw new IOException(what + " failed");
        }
    }

    private Child child(int pid) {
        Child found = children.get(pid);
        if (found == null) {
            throw new AssertionError("no process " + pid);
        }
        return found;
    }

    /** The process ends by itself. */
    void end(int pid, Reaper.Ending how) {
        Child child = children.remove(pid);
        if (child != null && child.whenEnded != null) {
            child.whenEnded.accept(how);
        }
    }

    void outOfMemory(int pid) {
        group(child(pid).ground).oomKills++;
        end(pid, new Reaper.Signalled(Libc.SIGKILL));
    }

    CgroupProfile limits(int pid) {
        return group(child(pid).ground).limits;
    }

    @Override
    public Ground make(ConfigureRequest request, CgroupProfile limits) throws IOException {
        mayFail("make");
        var ground =
                new Ground(Map.of(), Cgroups.none().create(request.domain()), Confinement.NONE);
        var group = new Group();
        group.limits = limits;
        groups.put(ground.cgroup(), group);
        return ground;
    }

    @Override
    public Ground adopt(
            ConfigureRequest request,
            Map<String, String> taps,
            Map<String, String> cgroup,
            int pid) {
        throw new AssertionError("nothing to adopt");
    }

    @Override
    public void unmake(ConfigureRequest request, Ground ground) {
        killAll(ground);
        groups.remove(ground.cgroup());
    }

    @Override
    public int hold(String output) throws IOException {
        mayFail("hold");
        held++;
        return 7;
    }

    @Override
    public void release(int fd) {
        held--;
    }

    @Override
    public int spawn(Ground ground, ExecRequest exec, Logs.Sink sink) throws IOException {
        mayFail("spawn");
        if (group(ground).frozen) {
            throw new AssertionError("a start in a frozen domain");
        }
        children.put(++pids, new Child(ground));
        return pids;
    }

    @Override
    public long startTicks(int pid) {
        return pid;
    }

    @Override
    public void watch(int pid, boolean isChild, Consumer<Reaper.Ending> whenEnded) {
        child(pid).whenEnded = whenEnded;
    }

    @Override
    public void signal(int pid, int signal) {
        Child child = children.get(pid);
        if (child == null) {
            return;
        }
        if (group(child.ground).frozen) {
            child.pending.add(signal);
        } else {
            end(pid, new Reaper.Signalled(signal));
        }
    }

    @Override
    public void killAll(Ground ground) {
        group(ground).frozen = false;
        for (int pid : members(ground)) {
            end(pid, new Reaper.Signalled(Libc.SIGKILL));
        }
    }

    private List<Integer> members(Ground ground) {
        var members = new ArrayList<Integer>();
        children.forEach(
                (pid, child) -> {
                    if (child.ground.equals(ground)) {
                        members.add(pid);
                    }
                });
        return members;
    }

    @Override
    public void letDie(Ground ground, int pid) {
        if (children.containsKey(pid) && child(pid).pending.contains(Libc.SIGKILL)) {
            end(pid, new Reaper.Signalled(Libc.SIGKILL));
        }
    }

    @Override
    public Watch watchTraffic(Ground ground, Runnable whenSome) throws IOException {
        mayFail("watch");
        watches++;
        return () -> watches--;
    }

    @Override
    public void freeze(Ground ground) throws IOException {
        mayFail("freeze");
        group(ground).frozen = true;
    }

    @Override
    public void thaw(Ground ground) {
        group(ground).frozen = false;
        for (int pid : members(ground)) {
            Integer signal = child(pid).pending.poll();
            if (signal != null) {
                end(pid, new Reaper.Signalled(signal));
            }
        }
    }

    @Override
    public void limit(Ground ground, CgroupProfile limits) throws IOException {
        mayFail("limit");
        group(ground).limits = limits;
    }

    @Override
    public Usage usage(Ground ground) throws IOException {
        mayFail("usage");
        return new Usage(0, 0, 0, 0, 0, 0, Map.of());
    }

    @Override
    public long oomKills(Ground ground) {
        return group(ground).oomKills;
    }

    @Override
    public void close() {}
}
