package vmm.stats.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import vmm.core.Name;
import vmm.core.Sample;
import vmm.stats.core.Pass;
import vmm.stats.core.Reading;
import vmm.stats.core.Watched;
import vmm.wire.Command;

/** The sampler with real processes of this machine. */
class LinuxSamplerTest {
    private static final Name NAME = Name.parse("a:hello");

    /** User and system time are counted in hundredths, each. */
    private static final double TICK_SECONDS = 0.02;

    private final List<Process> processes = new ArrayList<>();
    private LinuxSampler sampler;

    @BeforeEach
    void open() throws IOException {
        sampler = new LinuxSampler(Clock.systemUTC(), _ -> List.of());
    }

    @AfterEach
    void close() throws IOException, InterruptedException {
        sampler.close();
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    private Process start(String... command) throws IOException {
        Process process = new ProcessBuilder(command).start();
        processes.add(process);
        return process;
    }

    private Optional<Watched> watched = Optional.empty();

    private Pass pass() throws IOException {
        return sampler.pass(watched.stream().toList());
    }

    private void add(long pid, Command.Tap... taps) {
        var added = new Watched(NAME, new Command.StatsAdd("", pid, List.of(taps)));
        watched.ifPresent(sampler::remove);
        watched = Optional.of(added);
        sampler.add(added);
    }

    private static Pass ended(Optional<Watched> watched) {
        return new Pass(List.of(), watched.stream().toList());
    }

    private static double seconds(Sample.Time time) {
        return time.seconds() + (time.microseconds() / 1e6);
    }

    @Test
    void sample_agreesWithAnotherReading_ofThisVeryProcess() throws IOException {
        Instant started = ProcessHandle.current().info().startInstant().orElseThrow();
        var block = new byte[32 << 20];
        java.util.Arrays.fill(block, (byte) 1);
        add(ProcessHandle.current().pid());
        double before = cpuSeconds();
        Duration ageBefore = Duration.between(started, Instant.now());
        Reading reading = pass().readings().getFirst();
        Duration ageAfter = Duration.between(started, Instant.now());
        double after = cpuSeconds();
        double ours =
                seconds(reading.sample().use().utime()) + seconds(reading.sample().use().stime());
        assertThat(ours).isBetween(before - TICK_SECONDS, after + TICK_SECONDS);
        Sample.Memory memory = reading.sample().memory().orElseThrow();
        assertThat(memory.start().seconds()).isCloseTo(started.getEpochSecond(), within(1L));
        assertThat(reading.residentBytes()).isCloseTo(memory.rss() * 4096, within(16L << 20));
        assertThat(reading.sample().use().maxrss() * 1024)
                .isGreaterThanOrEqualTo(reading.residentBytes() - (1 << 20));
        // The kernel tells the start of the system in whole seconds only.
        assertThat(Duration.ofMillis(reading.ageMillis()))
                .isBetween(ageBefore.minusSeconds(1), ageAfter.plusSeconds(1));
        assertThat(block[1]).isEqualTo((byte) 1);
    }

    private static double cpuSeconds() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
    }

    @Test
    void processThatEnded_isToldOnce_withoutASample() throws Exception {
        Process sleeper = start("sleep", "60");
        add(sleeper.pid());
        assertThat(pass().readings()).hasSize(1);
        sleeper.destroyForcibly().waitFor();
        assertThat(pass()).isEqualTo(ended(watched));
        watched.ifPresent(sampler::remove);
        watched = Optional.empty();
        assertThat(pass()).isEqualTo(ended(watched));
    }

    @Test
    void zombie_givesNoSample() throws Exception {
        // The shell becomes one that never waits for its child.
        Process parent = start("sh", "-c", "sleep 0.05 & exec sleep 60");
        long child = 0;
        while (child == 0) {
            child = parent.children().mapToLong(ProcessHandle::pid).findFirst().orElse(0);
        }
        add(child);
        Path stat = Path.of("/proc/" + child + "/stat");
        while (!Files.readString(stat).contains(") Z ")) {
            Thread.onSpinWait();
        }
        assertThat(pass()).isEqualTo(ended(watched));
    }

    @Test
    void processThatWasGoneBefore_isToldAsEnded() throws Exception {
        Process sleeper = start("sleep", "60");
        sleeper.destroyForcibly().waitFor();
        add(sleeper.pid());
        assertThat(pass()).isEqualTo(ended(watched));
    }

    /** A pid that is used again never stands for its predecessor: the descriptors are kept. */
    @Test
    void pidThatIsUsedAgain_isAnotherProcess() throws Exception {
        Path last = Path.of("/proc/sys/kernel/ns_last_pid");
        org.junit.jupiter.api.Assumptions.assumeTrue(
                Files.isWritable(last), "root is needed to have a pid used again");
        Process first = start("sleep", "60");
        add(first.pid());
        assertThat(pass().readings()).hasSize(1);
        first.destroyForcibly().waitFor();
        Process second = start("sleep", "60");
        for (int i = 0; i < 200 && second.pid() != first.pid(); i++) {
            Files.writeString(last, String.valueOf(first.pid() - 1));
            second = start("sleep", "60");
        }
        org.junit.jupiter.api.Assumptions.assumeTrue(
                second.pid() == first.pid(), "the pid did not come again");
        assertThat(pass()).isEqualTo(ended(watched));
        add(second.pid());
        assertThat(pass().readings()).hasSize(1);
    }

    @Test
    void start_staysWhatItWas_whenTheClockJumps() throws Exception {
        Process sleeper = start("sleep", "60");
        var clock = new Jumping(Instant.parse("2030-01-01T00:00:00Z"));
        try (var jumped = new LinuxSampler(clock, _ -> List.of())) {
            var first = new Watched(NAME, new Command.StatsAdd("", sleeper.pid(), List.of()));
            jumped.add(first);
            Reading before = jumped.pass(List.of(first)).readings().getFirst();
            clock.now = Instant.parse("1999-01-01T00:00:00Z");
            var again = new Watched(NAME, first.process());
            jumped.add(again);
            Reading after = jumped.pass(List.of(again)).readings().getFirst();
            assertThat(after.sample().memory().orElseThrow().start())
                    .isEqualTo(before.sample().memory().orElseThrow().start());
            assertThat(after.ageMillis()).isBetween(before.ageMillis(), 60_000L);
        }
    }

    private static final class Jumping extends Clock {
        private Instant now;

        Jumping(Instant now) {
            this.now = now;
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public java.time.ZoneId getZone() {
            return java.time.ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }
    }

    @Test
    void loopback_isCounted_asItsOwnCountersSay() throws Exception {
        Process sleeper = start("sleep", "60");
        add(
                sleeper.pid(),
                new Command.Tap("service", "lo"),
                new Command.Tap("gone", "nosuchtap0"),
                new Command.Tap("", "a-name-that-is-far-too-long"));
        long before = counter("rx_bytes");
        List<Sample.Interface> seen = pass().readings().getFirst().sample().interfaces();
        long after = counter("rx_bytes");
        assertThat(seen).hasSize(1);
        assertThat(seen.getFirst().bridge()).isEqualTo("service");
        assertThat(seen.getFirst().inputBytes()).isBetween(before, after);
        assertThat(seen.getFirst().mtu())
                .isEqualTo(
                        Long.parseLong(Files.readString(Path.of("/sys/class/net/lo/mtu")).strip()));
    }

    @Test
    void tapThatTwoWatch_isCountedForBoth() throws Exception {
        var command =
                new Command.StatsAdd(
                        "",
                        ProcessHandle.current().pid(),
                        List.of(new Command.Tap("service", "lo")));
        var first = new Watched(Name.parse("a"), command);
        var second = new Watched(Name.parse("b"), command);
        sampler.add(first);
        sampler.add(second);
        assertThat(sampler.pass(List.of(first, second)).readings())
                .hasSize(2)
                .allSatisfy(r -> assertThat(r.sample().interfaces()).hasSize(1));
        sampler.remove(first);
        assertThat(sampler.pass(List.of(second)).readings().getFirst().sample().interfaces())
                .hasSize(1);
    }

    private static long counter(String name) throws IOException {
        return Long.parseLong(
                Files.readString(Path.of("/sys/class/net/lo/statistics/" + name)).strip());
    }

    @Test
    void descriptors_areAllClosed_whereProcessesGo() throws Exception {
        Process sleeper = start("sleep", "60");
        add(sleeper.pid());
        pass();
        long before = descriptors();
        for (int i = 0; i < 50; i++) {
            add(sleeper.pid());
        }
        assertThat(descriptors()).isCloseTo(before, within(5L));
    }

    private static long descriptors() throws IOException {
        try (var all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }
}
