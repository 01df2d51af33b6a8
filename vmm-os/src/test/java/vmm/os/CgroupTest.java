package vmm.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.os.Cgroup.Ceilings;
import vmm.os.Cgroups.Controller;
import vmm.os.Cgroups.Seat;

/** Control groups: the unified hierarchy as plain files, and this machine's where there is one. */
class CgroupTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @TempDir private Path folder;

    private Path unified(String controllers) throws IOException {
        Path mount = Files.createDirectories(folder.resolve("unified"));
        Files.writeString(mount.resolve("cgroup.controllers"), controllers + "\n");
        return mount;
    }

    private static String mountOfUnified(Path mount) {
        return "30 24 0:26 / " + mount + " rw,nosuid shared:4 - cgroup2 cgroup2 rw\n";
    }

    private static String mountOfV1(Path mount, String controllers) {
        return "31 24 0:27 / " + mount + " rw - cgroup cgroup rw," + controllers + "\n";
    }

    private static Path place(Cgroup group, String controller) {
        return Path.of(group.folders().getOrDefault(controller, "none"));
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file).strip();
    }

    private Cgroup unifiedGroup() throws IOException {
        Path mount = unified("cpuset cpu io memory pids");
        Cgroup group =
                Cgroups.at(Cgroups.seats(mountOfUnified(mount), "0::/\n"), "vmm").create("d");
        Path place = place(group, "memory2");
        Files.writeString(place.resolve("memory.current"), "1000000\n");
        return group;
    }

    @Test
    void unified_handsControllersOn_andTakesLimits() throws Exception {
        Cgroup group = unifiedGroup();
        Path place = place(group, "memory2");
        assertThat(place).isEqualTo(folder.resolve("unified/vmm/d.d"));
        assertThat(read(folder.resolve("unified/cgroup.subtree_control")))
                .isEqualTo("+cpu +memory +pids +io");
        assertThat(read(folder.resolve("unified/vmm/cgroup.subtree_control")))
                .isEqualTo("+cpu +memory +pids +io");
        group.limit(new Ceilings(0.25, 64 << 20, 0, 0));
        assertThat(read(place.resolve("cpu.max"))).isEqualTo("25000 100000");
        assertThat(read(place.resolve("memory.max"))).isEqualTo("67108864");
        group.limit(new Ceilings(0, 0, 0, 0));
        assertThat(read(place.resolve("cpu.max"))).isEqualTo("max 100000");
        assertThat(read(place.resolve("memory.max"))).isEqualTo("max");
        group.limit(new Ceilings(0.001, 0, 0, 0));
        assertThat(read(place.resolve("cpu.max"))).isEqualTo("1000 100000");
        group.limitPids(8);
        assertThat(read(place.resolve("pids.max"))).isEqualTo("8");
    }

    private static String eachDisk(Path file) throws IOException {
        String written = read(file);
        assertThat(Disks.numbers()).contains(written.substring(0, written.indexOf(' ')));
        return written.substring(written.indexOf(' ') + 1);
    }

    @Test
    void disks_areLimited_inBothHierarchies() throws Exception {
        assumeTrue(!Disks.numbers().isEmpty(), "needs a disk");
        Cgroup group = unifiedGroup();
        Path unified = place(group, "blkio2").resolve("io.max");
        group.limit(new Ceilings(0, 0, 0, 0));
        assertThat(unified).as("nothing to take back").doesNotExist();
        group.limit(new Ceilings(0, 0, 1_000_000, 0));
        assertThat(eachDisk(unified)).isEqualTo("rbps=1000000 wbps=max");
        group.limit(new Ceilings(0, 0, 0, 0));
        assertThat(eachDisk(unified)).isEqualTo("rbps=max wbps=max");
        Path blkio = Files.createDirectories(folder.resolve("blkio"));
        Cgroup old =
                Cgroups.at(Cgroups.seats(mountOfV1(blkio, "blkio"), "2:blkio:/\n"), "vmm")
                        .create("d");
        old.limit(new Ceilings(0, 0, 0, 2_000_000));
        assertThat(eachDisk(blkio.resolve("vmm/d.d/blkio.throttle.write_bps_device")))
                .isEqualTo("2000000");
        assertThat(blkio.resolve("vmm/d.d/blkio.throttle.read_bps_device")).doesNotExist();
        assertThatThrownBy(() -> old.limit(new Ceilings(0, 1, 0, 0)))
                .hasMessageContaining("memory cannot be used");
    }

    @Test
    void unified_refusesLessMemoryThanIsUsed_andChangesNothing() throws Exception {
        Cgroup group = unifiedGroup();
        group.limit(new Ceilings(0.5, 2_000_000, 0, 0));
        assertThatThrownBy(() -> group.limit(new Ceilings(0.25, 999_999, 0, 0)))
                .hasMessage("it uses 1000000 bytes of memory, more than 999999");
        assertThat(read(place(group, "cpu2").resolve("cpu.max"))).isEqualTo("50000 100000");
        assertThat(read(place(group, "cpu2").resolve("memory.max"))).isEqualTo("2000000");
    }

    @Test
    void unified_countsWhatWasUsed() throws Exception {
        Cgroup group = unifiedGroup();
        Path place = place(group, "memory2");
        Files.writeString(place.resolve("cpu.stat"), "usage_usec 1234\nuser_usec 1000\n");
        Files.writeString(place.resolve("memory.events"), "low 0\noom 2\noom_kill 1\n");
        assertThat(group.cpuNanos()).isEqualTo(1_234_000);
        assertThat(group.oomKills()).isEqualTo(1);
        assertThat(group.memoryMaxBytes()).as("an old kernel").isEqualTo(1_000_000);
        Files.writeString(place.resolve("memory.peak"), "3000000\n");
        assertThat(group.memoryMaxBytes()).isEqualTo(3_000_000);
    }

    @Test
    void unified_freezesUntilTheKernelSaysSo_orUndoes() throws Exception {
        Cgroup group = unifiedGroup();
        Path place = place(group, "freezer2");
        Files.writeString(place.resolve("cgroup.events"), "populated 1\nfrozen 0\n");
        assertThatThrownBy(() -> group.freeze(Duration.ofMillis(20)))
                .hasMessageContaining("did not stop within 20 ms");
        assertThat(read(place.resolve("cgroup.freeze"))).isEqualTo("0");
        Files.writeString(place.resolve("cgroup.events"), "populated 1\nfrozen 1\n");
        group.freeze(PATIENCE);
        assertThat(read(place.resolve("cgroup.freeze"))).isEqualTo("1");
        group.killAll();
        assertThat(read(place.resolve("cgroup.kill"))).isEqualTo("1");
    }

    @Test
    void hybrids_takeEachControllerWhereItIs() throws Exception {
        Path mount = unified("memory");
        Path cpu = Files.createDirectories(folder.resolve("cpu,cpuacct"));
        Path freezer = Files.createDirectories(folder.resolve("freezer"));
        Map<Controller, Seat> seats =
                Cgroups.seats(
                        mountOfV1(cpu, "cpu,cpuacct")
                                + mountOfV1(freezer, "freezer")
                                + mountOfUnified(mount),
                        "3:freezer:/\n2:cpu,cpuacct:/jail\n0::/own\n");
        assertThat(seats)
                .containsEntry(Controller.CPU, new Seat(cpu.resolve("jail"), false))
                .containsEntry(Controller.CPUACCT, new Seat(cpu.resolve("jail"), false))
                .containsEntry(Controller.FREEZER, new Seat(freezer, false))
                .doesNotContainKey(Controller.PIDS);
        Cgroup group = Cgroups.at(seats, "vmm").create("a:b");
        group.limit(new Ceilings(1.5, 0, 0, 0));
        assertThat(read(cpu.resolve("jail/vmm/d.a:b/cpu.cfs_quota_us"))).isEqualTo("150000");
        assertThatThrownBy(() -> group.limitPids(3))
                .hasMessage("the control group pids cannot be used here");
        assertThat(Cgroups.adopt(group.folders()).folders()).isEqualTo(group.folders());
    }

    @Test
    void none_runsWithoutLimits_andSaysWhatIsMissing() throws Exception {
        Cgroup group = Cgroups.none().create("d");
        group.limit(new Ceilings(0, 0, 0, 0));
        assertThatThrownBy(() -> group.limit(new Ceilings(0, 1, 0, 0)))
                .hasMessageContaining("memory cannot be used");
        assertThatThrownBy(() -> group.freeze(PATIENCE)).hasMessageContaining("run as root");
        group.remove();
    }

    @Test
    void names_areOneFolder_andDiffer() {
        assertThat(Cgroups.fileName("a/../b")).isEqualTo("d.a%2f..%2fb");
        assertThat(Cgroups.fileName("a".repeat(300)))
                .hasSizeLessThan(255)
                .isNotEqualTo(Cgroups.fileName("a".repeat(301)));
    }

    /** The freezer of the real unified hierarchy needs no controller. */
    @Test
    void unifiedKernel_freezesAndKillsWhileFrozen() throws Exception {
        Optional<Seat> real =
                Cgroups.seats(
                                Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                                        .filter(l -> l.contains(" - cgroup2 "))
                                        .reduce("", (a, b) -> a + b + "\n"),
                                Files.readString(Path.of("/proc/self/cgroup")))
                        .entrySet()
                        .stream()
                        .filter(e -> e.getKey() == Controller.FREEZER)
                        .map(Map.Entry::getValue)
                        .findFirst();
        assumeTrue(real.isPresent(), "needs a mounted cgroup2");
        Seat seat = real.get();
        Cgroups groups =
                Cgroups.at(
                        Map.of(Controller.FREEZER, seat, Controller.CPUACCT, seat),
                        "vmm-test-" + ProcessHandle.current().pid());
        assumeTrue(groups.canFreeze(), "needs root");
        Cgroup group = groups.create("real");
        try (var reaper = new Reaper()) {
            for (boolean all : new boolean[] {false, true}) {
                int pid = Spawner.spawn(spinning(group));
                assertThat(group.pids()).containsExactly(pid);
                var end = new CompletableFuture<Reaper.Ending>();
                reaper.watch(pid, true, end::complete);
                group.freeze(PATIENCE);
                assertThat(group.isFrozen()).isTrue();
                long used = group.cpuNanos();
                TimeUnit.MILLISECONDS.sleep(100);
                assertThat(group.cpuNanos()).isEqualTo(used);
                if (all) {
                    group.killAll();
                } else {
                    Libc.kill(pid, Libc.SIGKILL);
                }
                assertThat(end.get(5, TimeUnit.SECONDS)).isEqualTo(new Reaper.Signalled(9));
                group.thaw();
            }
        } finally {
            group.remove();
            groups.close();
        }
        assertThat(place(group, "freezer2")).doesNotExist();
    }

    private static Spawner.Child spinning(Cgroup group) {
        return new Spawner.Child(
                "/bin/sh",
                List.of("-c", "while :; do :; done"),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.of(group),
                Confinement.NONE);
    }
}
