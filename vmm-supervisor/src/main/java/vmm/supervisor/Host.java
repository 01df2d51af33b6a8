package vmm.supervisor;

import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import vmm.os.Reaper;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.ConfigureRequest.CgroupProfile;
import vmm.wire.supervisor.ExecRequest;

/** What the supervisor asks of the kernel. Calls that throw may wait; any thread. */
interface Host extends AutoCloseable {
    /** Makes everything a domain stands on, and runs its hooks; all of it or nothing. */
    Ground make(ConfigureRequest request, CgroupProfile limits)
            throws IOException, InterruptedException;

    /** Finds again what a predecessor made. */
    Ground adopt(
            ConfigureRequest request,
            Map<String, String> taps,
            Map<String, String> cgroup,
            int pid);

    /** Removes what {@link #make} made. */
    void unmake(ConfigureRequest request, Ground ground) throws IOException;

    /** Keeps a fifo from breaking while its reader is away. */
    int hold(String output) throws IOException;

    void release(int held) throws IOException;

    /**
     * @param sink where its lines and messages go, if it asks for that
     */
    int spawn(Ground ground, ExecRequest exec, Logs.Sink sink)
            throws IOException, InterruptedException;

    /** When the kernel started a process, in ticks since boot; 0 if there is none. */
    long startTicks(int pid);

    void watch(int pid, boolean child, Consumer<Reaper.Ending> whenEnded) throws IOException;

    /** Signals a process group; one that is gone is no failure. */
    void signal(int pid, int signal);

    /** Kills whatever is left of a domain, frozen or not. */
    void killAll(Ground ground) throws IOException;

    /** Lets the processes of a group that was killed die in a frozen domain. */
    void letDie(Ground ground, int pid) throws IOException;

    /** Calls back, from any thread and maybe often, when frames come for the taps. */
    Watch watchTraffic(Ground ground, Runnable whenSome) throws IOException;

    /** Somebody who waits for traffic, until closed. */
    interface Watch {
        void close();
    }

    void freeze(Ground ground) throws IOException;

    void thaw(Ground ground) throws IOException;

    void limit(Ground ground, CgroupProfile limits) throws IOException;

    Usage usage(Ground ground) throws IOException;

    /** How many processes of the domain the kernel has killed for want of memory. */
    long oomKills(Ground ground);

    @Override
    void close();
}
