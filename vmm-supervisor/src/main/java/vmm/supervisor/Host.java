package vmm.supervisor;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import vmm.os.Libc;
import vmm.os.Reaper;
import vmm.os.Spawner;
import vmm.os.Taps;

/** What the supervisor asks of the kernel. */
interface Host extends AutoCloseable {
    String makeTap(String bridge, long uid, long gid) throws IOException;

    void removeTap(String tap) throws IOException;

    /** Keeps a fifo from breaking while its reader is away. */
    int hold(String output) throws IOException;

    void release(int held) throws IOException;

    int spawn(Spawner.Child child) throws IOException, InterruptedException;

    void watch(int pid, boolean child, Consumer<Reaper.Ending> whenEnded) throws IOException;

    /** Signals a process group; one that is gone is no failure. */
    void signal(int pid, int signal);

    @Override
    void close();

    /** The kernel this process runs on. */
    final class Linux implements Host {
        private final Spawner spawner = new Spawner();
        private final Reaper reaper;

        Linux() throws IOException {
            reaper = new Reaper();
        }

        @Override
        public String makeTap(String bridge, long uid, long gid) throws IOException {
            return Taps.make(bridge, uid, gid);
        }

        @Override
        public void removeTap(String tap) throws IOException {
            Taps.remove(tap);
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
        public int spawn(Spawner.Child child) throws IOException, InterruptedException {
            return spawner.spawn(child);
        }

        @Override
        public void watch(int pid, boolean child, Consumer<Reaper.Ending> whenEnded)
                throws IOException {
            reaper.watch(pid, child, whenEnded);
        }

        @Override
        public void signal(int pid, int signal) {
            Optional<IOException> _ = trySignal(-pid, signal);
        }

        private static Optional<IOException> trySignal(int pid, int signal) {
            try {
                Libc.kill(pid, signal);
                return Optional.empty();
            } catch (IOException gone) {
                return Optional.of(gone);
            }
        }

        @Override
        public void close() {
            reaper.close();
            spawner.close();
        }
    }
}
