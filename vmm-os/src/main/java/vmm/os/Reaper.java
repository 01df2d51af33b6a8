package vmm.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
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
    private static final int EPOLLIN = 1;
    private static final int EPOLL_EVENT_BYTES = 12;
    private static final int EVENTS_MAX = 64;
    private static final int WNOHANG = 1;

    /** How often leaders that are dead while a thread of theirs hangs are looked for. */
    private static final int HANG_CHECK_MILLIS = 2000;

    private static final java.lang.foreign.ValueLayout.OfLong DATA =
            JAVA_LONG.withByteAlignment(1).withOrder(ByteOrder.nativeOrder());
    private static final MethodHandle EPOLL_CREATE = Libc.errno("epoll_create1", -1, JAVA_INT);
    private static final MethodHandle EPOLL_CTL =
            Libc.errno("epoll_ctl", -1, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle EPOLL_WAIT =
            Libc.errno("epoll_wait", -1, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
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

    private final Map<Long, Watched> watched = new ConcurrentHashMap<>();
    private final int epoll;
    private final Thread thread;
    private volatile boolean running = true;

    public Reaper() throws IOException {
        epoll = (int) Libc.check("epoll_create1", s -> (int) EPOLL_CREATE.invokeExact(s, 0x80000));
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
        watched.put((long) pidfd, new Watched(pid, pidfd, child, whenEnded));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(EPOLL_EVENT_BYTES, 8);
            event.set(JAVA_INT, 0, EPOLLIN);
            event.set(DATA, 4, pidfd);
            Libc.check(
                    "cannot watch process " + pid,
                    s -> (int) EPOLL_CTL.invokeExact(s, epoll, 1, pidfd, event));
        } catch (Errno e) {
            watched.remove((long) pidfd);
            Libc.close(pidfd);
            throw e;
        }
    }

    private void run() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment events = arena.allocate((long) EPOLL_EVENT_BYTES * EVENTS_MAX, 8);
            long nextCheck = System.nanoTime() + (HANG_CHECK_MILLIS * 1_000_000L);
            while (running) {
                int ready = await(events);
                for (int i = 0; i < ready; i++) {
                    Watched one = watched.get(events.get(DATA, (12L * i) + 4));
                    if (one != null) {
                        end(one);
                    }
                }
                if (System.nanoTime() - nextCheck >= 0) {
                    watched.values().forEach(Reaper::killIfHanging);
                    nextCheck = System.nanoTime() + (HANG_CHECK_MILLIS * 1_000_000L);
                }
            }
            Libc.close(epoll);
        } catch (Errno e) {
            throw new AssertionError(e);
        }
    }

    private int await(MemorySegment events) throws Errno {
        try {
            return (int)
                    Libc.check(
                            "epoll_wait",
                            s -> (int) EPOLL_WAIT.invokeExact(s, epoll, events, EVENTS_MAX, 250));
        } catch (Errno e) {
            if (e.number() == Errno.EINTR) {
                return 0;
            }
            throw e;
        }
    }

    private void end(Watched one) throws Errno {
        Ending ending = one.child() ? reap(one.pid()) : ask(one.pidfd());
        watched.remove((long) one.pidfd());
        Libc.close(one.pidfd());
        one.whenEnded().accept(ending);
    }

    private static Ending reap(int pid) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(JAVA_INT);
            Libc.check(
                    "cannot reap " + pid, s -> (int) WAITPID.invokeExact(s, pid, status, WNOHANG));
            return ending(status.get(JAVA_INT, 0));
        } catch (Errno e) {
            if (e.number() == Errno.ECHILD) {
                return new Unknown();
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
            String stat = Files.readString(Path.of("/proc/" + one.pid() + "/stat"));
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
