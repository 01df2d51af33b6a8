package vmm.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import vmm.os.Cgroups.Controller;
import vmm.os.Cgroups.Seat;

/**
 * The control group of one domain. Any thread, one at a time; calls may wait for the kernel some
 * milliseconds.
 */
public final class Cgroup {
    private static final int CPU_PERIOD_MICROS = 100_000;

    /** The kernel takes no smaller quota. */
    private static final int CPU_QUOTA_MICROS_MIN = 1000;

    private static final Duration REMOVE_MAX = Duration.ofSeconds(2);
    private static final long POLL_NANOS = 500_000;

    private final Map<Controller, Seat> seats;

    Cgroup(Map<Controller, Seat> seats) {
        this.seats = seats;
    }

    /** What {@link Cgroups#adopt} takes: a unified folder has a 2 behind the controller's name. */
    public Map<String, String> folders() {
        var folders = new LinkedHashMap<String, String>();
        seats.forEach(
                (c, seat) ->
                        folders.put(
                                c.word() + (seat.unified() ? "2" : ""), seat.folder().toString()));
        return folders;
    }

    /** Puts a fresh child into the group where only processes can be moved. */
    void enter(int pid) throws IOException {
        for (Path folder : folders(true)) {
            KernelFile.write(folder.resolve("cgroup.procs"), Integer.toString(pid));
        }
    }

    Set<Path> folders(boolean unified) {
        var folders = new HashSet<Path>();
        for (Seat seat : seats.values()) {
            if (seat.unified() == unified) {
                folders.add(seat.folder());
            }
        }
        return folders;
    }

    /** Where a thread may be made to wait. */
    Set<Path> stoppingFolders() {
        var folders = new HashSet<Path>();
        for (Controller controller : List.of(Controller.CPU, Controller.FREEZER)) {
            Seat seat = seats.get(controller);
            if (seat != null) {
                folders.add(seat.folder());
            }
        }
        return folders;
    }

    /**
     * Ceilings; 0 is none.
     *
     * @param cpus 1.0 is one CPU
     * @param readBytes a second, from each disk
     * @param writeBytes a second, to each disk
     */
    public record Ceilings(double cpus, long memoryBytes, long readBytes, long writeBytes) {}

    /**
     * Sets ceilings. Memory goes first: it is what can fail, and then nothing has changed.
     *
     * @throws IOException if the domain uses more memory than it shall have, or there is no
     *     controller for a ceiling
     */
    public void limit(Ceilings to) throws IOException {
        require(to.memoryBytes() == 0, Controller.MEMORY);
        require(to.cpus() == 0, Controller.CPU);
        require(to.readBytes() == 0 && to.writeBytes() == 0, Controller.BLKIO);
        limitMemory(to.memoryBytes());
        limitCpus(to.cpus());
        limitDisks(to.readBytes(), to.writeBytes());
    }

    private void require(boolean unlimited, Controller controller) throws IOException {
        if (!unlimited && !seats.containsKey(controller)) {
            throw new IOException(
                    "the control group " + controller.word() + " cannot be used here");
        }
    }

    private void limitCpus(double cpus) throws IOException {
        Seat seat = seats.get(Controller.CPU);
        if (seat == null) {
            return;
        }
        long quota = Math.max(CPU_QUOTA_MICROS_MIN, Math.round(cpus * CPU_PERIOD_MICROS));
        if (seat.unified()) {
            KernelFile.write(
                    seat.folder().resolve("cpu.max"),
                    (cpus == 0 ? "max" : Long.toString(quota)) + " " + CPU_PERIOD_MICROS);
        } else {
            KernelFile.write(
                    seat.folder().resolve("cpu.cfs_period_us"),
                    Integer.toString(CPU_PERIOD_MICROS));
            KernelFile.write(
                    seat.folder().resolve("cpu.cfs_quota_us"),
                    cpus == 0 ? "-1" : Long.toString(quota));
        }
    }

    private void limitDisks(long readBytes, long writeBytes) throws IOException {
        Seat seat = seats.get(Controller.BLKIO);
        if (seat == null) {
            return;
        }
        if (seat.unified()) {
            limitDisks(
                    seat.folder().resolve("io.max"),
                    "rbps=" + orMax(readBytes) + " wbps=" + orMax(writeBytes),
                    readBytes == 0 && writeBytes == 0);
        } else {
            limitDisks(
                    seat.folder().resolve("blkio.throttle.read_bps_device"),
                    Long.toString(readBytes),
                    readBytes == 0);
            limitDisks(
                    seat.folder().resolve("blkio.throttle.write_bps_device"),
                    Long.toString(writeBytes),
                    writeBytes == 0);
        }
    }

    /** The kernel takes one disk a write. */
    private static void limitDisks(Path file, String ceilings, boolean unlimited)
            throws IOException {
        if (unlimited && (!Files.exists(file) || KernelFile.read(file).isEmpty())) {
            return;
        }
        for (String disk : Disks.numbers()) {
            KernelFile.write(file, disk + " " + ceilings);
        }
    }

    private static String orMax(long number) {
        return number == 0 ? "max" : Long.toString(number);
    }

    private void limitMemory(long bytes) throws IOException {
        Seat seat = seats.get(Controller.MEMORY);
        if (seat == null) {
            return;
        }
        if (!seat.unified()) {
            try {
                KernelFile.write(
                        seat.folder().resolve("memory.limit_in_bytes"),
                        bytes == 0 ? "-1" : Long.toString(bytes));
            } catch (IOException e) {
                throw new IOException(tooMuch(memoryNow(), bytes), e);
            }
            return;
        }
        if (bytes != 0 && memoryNow() > bytes) {
            // The unified hierarchy would kill instead of refusing.
            throw new IOException(tooMuch(memoryNow(), bytes));
        }
        KernelFile.write(seat.folder().resolve("memory.max"), orMax(bytes));
    }

    private static String tooMuch(long now, long bytes) {
        return "it uses " + now + " bytes of memory, more than " + bytes;
    }

    /**
     * @param pids 0 is no limit
     */
    public void limitPids(long pids) throws IOException {
        require(pids == 0, Controller.PIDS);
        Seat seat = seats.get(Controller.PIDS);
        if (seat != null) {
            KernelFile.write(seat.folder().resolve("pids.max"), orMax(pids));
        }
    }

    /** Stops every process where it stands, and returns when all stand. */
    public void freeze(Duration patience) throws IOException {
        Seat seat = freezer();
        if (seat.unified()) {
            KernelFile.write(seat.folder().resolve("cgroup.freeze"), "1");
        } else {
            KernelFile.write(seat.folder().resolve("freezer.state"), "FROZEN");
        }
        if (!await(patience, () -> isFrozen(seat))) {
            thaw();
            throw new IOException(
                    "some process did not stop within " + patience.toMillis() + " ms");
        }
    }

    private static boolean isFrozen(Seat seat) {
        try {
            return seat.unified()
                    ? KernelFile.number(seat.folder().resolve("cgroup.events"), "frozen")
                            .equals(OptionalLong.of(1))
                    : KernelFile.read(seat.folder().resolve("freezer.state")).equals("FROZEN");
        } catch (IOException gone) {
            return false;
        }
    }

    public boolean isFrozen() {
        Seat seat = seats.get(Controller.FREEZER);
        return seat != null && isFrozen(seat);
    }

    public void thaw() throws IOException {
        Seat seat = freezer();
        if (seat.unified()) {
            KernelFile.write(seat.folder().resolve("cgroup.freeze"), "0");
        } else {
            KernelFile.write(seat.folder().resolve("freezer.state"), "THAWED");
        }
    }

    private Seat freezer() throws IOException {
        Seat seat = seats.get(Controller.FREEZER);
        if (seat == null) {
            throw new IOException("no freezer can be used here: run as root with control groups");
        }
        return seat;
    }

    /** Lets a frozen process die; in v1 a signal waits until the process is out of the freezer. */
    public void release(int pid) throws IOException {
        Seat seat = freezer();
        Path parent = seat.folder().getParent();
        if (!seat.unified() && parent != null) {
            KernelFile.write(parent.resolve("cgroup.procs"), Integer.toString(pid));
        }
    }

    /** The CPU time since the group was made. */
    public long cpuNanos() throws IOException {
        Seat seat = seats.get(Controller.CPUACCT);
        return seat == null ? 0 : cpuNanos(seat);
    }

    static long cpuNanos(Seat seat) throws IOException {
        return seat.unified()
                ? KernelFile.number(seat.folder().resolve("cpu.stat"), "usage_usec").orElse(0)
                        * 1000
                : KernelFile.number(seat.folder().resolve("cpuacct.usage"));
    }

    private long memoryNow() throws IOException {
        Seat seat = seats.get(Controller.MEMORY);
        return seat == null
                ? 0
                : KernelFile.number(
                        seat.folder()
                                .resolve(
                                        seat.unified()
                                                ? "memory.current"
                                                : "memory.usage_in_bytes"));
    }

    /** The most memory since {@link #resetMemoryMax}, or since the start in the unified one. */
    public long memoryMaxBytes() throws IOException {
        Seat seat = seats.get(Controller.MEMORY);
        if (seat == null) {
            return 0;
        }
        if (!seat.unified()) {
            return KernelFile.number(seat.folder().resolve("memory.max_usage_in_bytes"));
        }
        Path peak = seat.folder().resolve("memory.peak");
        return Files.exists(peak) ? KernelFile.number(peak) : memoryNow();
    }

    public void resetMemoryMax() throws IOException {
        Seat seat = seats.get(Controller.MEMORY);
        if (seat != null && !seat.unified()) {
            KernelFile.write(seat.folder().resolve("memory.max_usage_in_bytes"), "0");
        }
    }

    /** How many processes the kernel has killed here for want of memory. */
    public long oomKills() throws IOException {
        Seat seat = seats.get(Controller.MEMORY);
        return seat == null
                ? 0
                : KernelFile.number(
                                seat.folder()
                                        .resolve(
                                                seat.unified()
                                                        ? "memory.events"
                                                        : "memory.oom_control"),
                                "oom_kill")
                        .orElse(0);
    }

    public List<Integer> pids() throws IOException {
        Seat seat = seats.get(Controller.FREEZER);
        var pids = new ArrayList<Integer>();
        if (seat != null && Files.exists(seat.folder())) {
            for (String line : Files.readAllLines(seat.folder().resolve("cgroup.procs"))) {
                pids.add(Integer.parseInt(line));
            }
        }
        return pids;
    }

    /** SIGKILL to whatever is in the group, frozen or not. */
    public void killAll() throws IOException {
        Seat seat = seats.get(Controller.FREEZER);
        if (seat == null || !Files.exists(seat.folder())) {
            return;
        }
        if (seat.unified()) {
            KernelFile.write(seat.folder().resolve("cgroup.kill"), "1");
            return;
        }
        for (int pid : pids()) {
            Libc.killIfThere(pid, Libc.SIGKILL);
        }
        thaw();
    }

    /** Removes the group; what still runs in it is killed. */
    public void remove() throws IOException {
        killAll();
        for (boolean unified : new boolean[] {false, true}) {
            for (Path folder : folders(unified)) {
                if (!await(REMOVE_MAX, () -> removed(folder))) {
                    throw new IOException("the control group " + folder + " stays busy");
                }
            }
        }
    }

    static boolean removed(Path folder) {
        try {
            Files.deleteIfExists(folder);
            return true;
        } catch (IOException busy) {
            return false;
        }
    }

    private static boolean await(Duration patience, BooleanSupplier done) {
        long end = System.nanoTime() + patience.toNanos();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() - end >= 0) {
                return false;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return true;
    }
}
