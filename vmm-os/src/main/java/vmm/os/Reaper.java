package vmm.os;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Waits for the end of processes, on one platform thread with one pidfd a process. Children are
 * reaped with their raw status; a process that is no child is only watched.
 */
public final class Reaper implements AutoCloseable {
    private static final long PIDFD_OPEN = 434;

    /** struct pidfd_info of Linux 6.15: mask, then ids, then the exit code. */
    private static final int INFO_BYTES = 64;

    /** {@code _IOWR(0xFF, 11, struct pidfd_info)} of {@link #INFO_BYTES}. */
    private static final long PIDFD_GET_INFO = 0xC000FF0BL | ((long) INFO_BYTES << 16);

    private static final long INFO_EXIT = 1 << 3;
    private static final int INFO_EXIT_CODE = 60;
    private static final int WNOHANG = 1;
    private static final int WAIT_MILLIS = 250;

    /** How often leaders that are dead while a thread of theirs hangs are looked for. */
    private static final int HANG_CHECK_MILLIS = 2000;

    private static final long WAITPID = Native.function("waitpid");

    /** How a process ended. */
    public sealed interface Ending {}

    /**
     * @param code 0 to 255
     */
    public record Exited(int code) implements Ending {}

    public record Signalled(int signal) implements Ending {}

    /** It was no child and the kernel does not tell. */
    public record Unknown() implements Ending {}

    private record Watched(int pid, int pidfd, boolean child, Consumer<Ending> whenEnded) {}

    private final Map<Integer, Watched> watched = new ConcurrentHashMap<>();
    private final Epoll epoll;
    private final Thread thread;
    private volatile boolean running = true;

    public Reaper() throws IOException {
        epoll = new Epoll();
        thread = Thread.ofPlatform().daemon().name("reaper").unstarted(this::run);
        thread.start();
    }

    /**
     * Calls {@code whenEnded} once, on the reaper's thread, when the process has ended; it must not
     * wait.
     *
     * @param child true if this process is its parent
     * @throws Errno ESRCH if there is no such process
     */
    public void watch(int pid, boolean child, Consumer<Ending> whenEnded) throws IOException {
        int pidfd = (int) Libc.systemCall("no process " + pid, PIDFD_OPEN, pid, 0, 0, 0);
        watched.put(pidfd, new Watched(pid, pidfd, child, whenEnded));
        try {
            epoll.add(pidfd);
        } catch (Errno e) {
            watched.remove(pidfd);
            epoll.close(pidfd);
            throw e;
        }
    }

    private void run() {
        try {
            long nextCheck = System.nanoTime() + (HANG_CHECK_MILLIS * 1_000_000L);
            while (running) {
                for (int pidfd : epoll.await(WAIT_MILLIS)) {
                    Watched one = watched.get(pidfd);
                    if (one != null) {
                        end(one);
                    }
                }
                if (System.nanoTime() - nextCheck >= 0) {
                    watched.values().forEach(Reaper::killIfHanging);
                    nextCheck = System.nanoTime() + (HANG_CHECK_MILLIS * 1_000_000L);
                }
            }
            epoll.close();
        } catch (Errno e) {
            throw new AssertionError(e);
        }
    }

    private void end(Watched one) throws Errno {
        Optional<Ending> ending = one.child() ? reap(one.pid()) : Optional.of(ask(one.pidfd()));
        if (ending.isPresent()) {
            watched.remove(one.pidfd());
            epoll.close(one.pidfd());
            one.whenEnded().accept(ending.get());
        }
    }

    /** Nothing while it runs. */
    private static Optional<Ending> reap(int pid) throws Errno {
        try (Memory memory = Memory.open()) {
            long status = memory.zeroed(Integer.BYTES);
            int reaped = Native.call(WAITPID, pid, status, WNOHANG);
            if (reaped == -Errno.ECHILD) {
                return Optional.of(new Unknown());
            }
            return Libc.check(reaped, "cannot reap ", pid) == 0
                    ? Optional.empty()
                    : Optional.of(ending(memory.intAt(status)));
        }
    }

    /** Linux 6.15 and newer tell a non-parent once the process was reaped. */
    private static Ending ask(int pidfd) {
        try (Memory memory = Memory.open()) {
            long info = memory.zeroed(INFO_BYTES);
            memory.setLong(info, INFO_EXIT);
            Libc.ioctl(pidfd, PIDFD_GET_INFO, info, "PIDFD_GET_INFO");
            return (memory.longAt(info) & INFO_EXIT) == 0
                    ? new Unknown()
                    : ending(memory.intAt(info + INFO_EXIT_CODE));
        } catch (Errno notTold) {
            return new Unknown();
        }
    }

    private static Ending ending(int status) {
        int signal = status & 0x7f;
        return signal == 0 ? new Exited((status >> 8) & 0xff) : new Signalled(signal);
    }

    /** A leader that exits while a thread of it waits in the kernel stays a zombie for ever. */
    private static void killIfHanging(Watched one) {
        try {
            String stat = KernelFile.read(Path.of("/proc/" + one.pid() + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            if (fields[0].equals("Z") && Integer.parseInt(fields[17]) > 1) {
                Libc.kill(one.pid(), Libc.SIGKILL);
            }
        } catch (IOException gone) {
            return;
        }
    }

    /** Stops watching; children stay as they are. */
    @Override
    public void close() {
        running = false;
        try {
            thread.join();
            for (Watched one : watched.values()) {
                Libc.close(one.pidfd());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Errno e) {
            throw new AssertionError(e);
        }
    }
}
