package vmm.stats.freebsd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import vmm.core.Name;
import vmm.core.Sample;
import vmm.stats.core.Pass;
import vmm.stats.core.Reading;
import vmm.stats.core.Watched;
import vmm.wire.Command;

/** FreeBSD's structures, laid out by hand as sys/user.h and net/if_mib.h say. */
class FreeBsdSamplerTest {
    private static final Watched WATCHED =
            new Watched(
                    Name.parse("a:hello"),
                    new Command.StatsAdd(
                            "solo5-77",
                            77,
                            List.of(new Command.Tap("br0", "tap0"), new Command.Tap("x", "gone"))));

    private final Map<List<Integer>, byte[]> tables = new HashMap<>();
    private final List<String> names =
            new ArrayList<>(IntStream.range(0, 70).mapToObj(i -> "counter " + i).toList());
    private int machines;
    private final FreeBsdSampler sampler =
            new FreeBsdSampler(
                    new Kernel() {
                        @Override
                        public byte[] read(int bytesMax, int... place) throws IOException {
                            byte[] found =
                                    tables.get(java.util.Arrays.stream(place).boxed().toList());
                            if (found == null) {
                                throw new IOException("no such process");
                            }
                            return found;
                        }

                        @Override
                        public int interfaceIndex(String name) {
                            return name.equals("tap0") ? 9 : 0;
                        }

                        @Override
                        public Machine machine(String name) throws IOException {
                            if (!name.equals("solo5-77")) {
                                throw new IOException("no machine " + name);
                            }
                            machines++;
                            return new Counting(names);
                        }
                    },
                    Clock.fixed(Instant.ofEpochSecond(1_010), ZoneOffset.UTC),
                    4096);

    /** Answers as vmm_stat_copy and vmm_stat_desc_copy of sys/amd64/vmm do. */
    private final class Counting implements Kernel.Machine {
        private final List<String> names;

        Counting(List<String> names) {
            this.names = names;
        }

        @Override
        public void ask(long request, byte[] argument) throws IOException {
            var bytes = ByteBuffer.wrap(argument).order(ByteOrder.LITTLE_ENDIAN);
            if (request == 0xC220_7632L && argument.length == 544) {
                int from = bytes.getInt(4);
                int count = Math.min(64, names.size() - from);
                bytes.putInt(8, count);
                for (int i = 0; i < count; i++) {
                    bytes.putLong(32 + (i * 8), 1000 + from + i);
                }
            } else if (request == 0xC084_7633L && argument.length == 132) {
                bytes.put(4, names.get(bytes.getInt(0)).getBytes(StandardCharsets.US_ASCII));
            } else {
                throw new IOException("no such request");
            }
        }

        @Override
        public void close() {
            machines--;
        }
    }

    private void process(long start, byte state) {
        var bytes = ByteBuffer.allocate(1088).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(0, 1088).putInt(72, 77).put(388, state);
        bytes.putLong(256, 1L << 30).putLong(264, 500).putLong(280, 10).putLong(288, 20);
        bytes.putLong(296, 30).putInt(324, 4).putLong(328, 2_500_000);
        bytes.putLong(336, start).putLong(344, 250_000);
        bytes.putLong(608, 2).putLong(616, 400_000).putLong(624, 0).putLong(632, 100_000);
        for (int i = 0; i < 14; i++) {
            bytes.putLong(640 + (i * 8), 1000 + i);
        }
        tables.put(List.of(1, 14, 1, 77), bytes.array());
    }

    private void tap(String name) {
        var bytes = ByteBuffer.allocate(208).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(0, name.getBytes(StandardCharsets.US_ASCII)).putInt(20, 0x8843);
        bytes.putInt(24, 1).putInt(28, 50).putInt(32, 2);
        bytes.putShort(62, (short) 152).putInt(64, 1500);
        for (int i = 0; i < 12; i++) {
            bytes.putLong(72 + (i * 8), 100 + i);
        }
        tables.put(List.of(4, 18, 0, 2, 9, 1), bytes.array());
    }

    @Test
    void sample_isReadFromTheTables() {
        process(1_000, (byte) 2);
        tap("tap0");
        sampler.add(WATCHED);
        Reading reading = sampler.pass(List.of(WATCHED)).readings().getFirst();
        assertThat(reading.sample().use())
                .isEqualTo(
                        new Sample.ResourceUse(
                                new Sample.Time(2, 400_000),
                                new Sample.Time(0, 100_000),
                                1000,
                                1001,
                                1002,
                                1003,
                                1004,
                                1005,
                                1006,
                                1007,
                                1008,
                                1009,
                                1010,
                                1011,
                                1012,
                                1013));
        assertThat(reading.sample().memory())
                .contains(
                        new Sample.Memory(
                                1L << 30,
                                500,
                                10,
                                20,
                                30,
                                2_500_000,
                                4,
                                new Sample.Time(1_000, 250_000)));
        assertThat(reading.sample().interfaces())
                .containsExactly(
                        new Sample.Interface(
                                "br0", 0x8843, 1, 50, 2, 1500, 100, 101, 102, 103, 104, 105, 106,
                                107, 108, 109, 110, 111));
        assertThat(reading.residentBytes()).isEqualTo(500 * 4096);
        assertThat(reading.ageMillis()).isEqualTo(9_750);
    }

    @Test
    void countersOfTheMachine_areReadInParts_andItsDeviceIsClosed() {
        process(1_000, (byte) 2);
        sampler.add(WATCHED);
        List<Sample.Counter> counters =
                sampler.pass(List.of(WATCHED)).readings().getFirst().sample().vmm().orElseThrow();
        assertThat(counters).hasSize(70).contains(new Sample.Counter("counter 69", 1069));
        assertThat(machines).isEqualTo(1);
        sampler.close();
        assertThat(machines).isZero();
    }

    @Test
    void machineThatCountsWithoutEnd_isCutOff() {
        IntStream.range(70, 5_000).forEach(i -> names.add("counter " + i));
        process(1_000, (byte) 2);
        sampler.add(WATCHED);
        assertThat(
                        sampler.pass(List.of(WATCHED))
                                .readings()
                                .getFirst()
                                .sample()
                                .vmm()
                                .orElseThrow())
                .hasSize(512);
    }

    @Test
    void nameThatLeavesTheDevices_isNoMachine() {
        process(1_000, (byte) 2);
        for (String name : List.of("", "../solo5-77", ".", "..", "a/b")) {
            var watched = new Watched(Name.parse("x"), new Command.StatsAdd(name, 77, List.of()));
            sampler.add(watched);
            assertThat(sampler.pass(List.of(watched)).readings().getFirst().sample().vmm())
                    .isEmpty();
        }
    }

    @Test
    void successorWithTheSamePid_isAnotherProcess() {
        process(1_000, (byte) 2);
        sampler.add(WATCHED);
        process(1_005, (byte) 2);
        assertThat(sampler.pass(List.of(WATCHED))).isEqualTo(new Pass(List.of(), List.of(WATCHED)));
    }

    @Test
    void zombiesAndOtherLayouts_giveNothing() {
        process(1_000, (byte) 5);
        sampler.add(WATCHED);
        assertThat(sampler.pass(List.of(WATCHED)).ended()).containsExactly(WATCHED);
        assertThat(KinfoProc.parse(new byte[1088])).isEmpty();
        assertThat(KinfoProc.parse(new byte[3])).isEmpty();
        assertThat(IfMib.parse(new byte[208], "x")).isEmpty();
    }

    @Test
    void tapWithAnotherName_isNotOurs() {
        process(1_000, (byte) 2);
        tap("tap1");
        sampler.add(WATCHED);
        assertThat(sampler.pass(List.of(WATCHED)).readings().getFirst().sample().interfaces())
                .isEmpty();
    }
}
