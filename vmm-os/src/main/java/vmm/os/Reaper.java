package vmm.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
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

    private static final MethodHandle WAITPID =
            Libc.errno("waitpid", -1, JAVA_INT, ADDRESS, JAVA_INT);

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
        int pidfd = (int) Libc.syscall("no process " + pid, PIDFD_OPEN, pid, 0, 0, 0);
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
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(JAVA_INT);
            long reaped =
                    Libc.check(
                            "cannot reap " + pid,
                            s -> (int) WAITPID.invokeExact(s, pid, status, WNOHANG));
            return reaped == 0 ? Optional.empty() : Optional.of(ending(status.get(JAVA_INT, 0)));
        } catch (Errno e) {
            if (e.number() == Errno.ECHILD) {
                return Optional.of(new Unknown());
            }
            throw e;
        }
    }

    /** Linux 6.15 and newer tell a non-parent once the process was reaped. */
    private static Ending ask(int pidfd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(INFO_BYTES, 8);
            info.set(JAVA_LONG, 0, INFO_EXIT);
            Libc.ioctl("PIDFD_GET_INFO", pidfd, PIDFD_GET_INFO, info);
            return (info.get(JAVA_LONG, 0) & INFO_EXIT) == 0
                    ? new Unknown()
                    : ending(info.get(JAVA_INT, INFO_EXIT_CODE));
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
