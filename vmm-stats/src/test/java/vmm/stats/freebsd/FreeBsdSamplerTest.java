package vmm.stats.freebsd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    private final FreeBsdSampler sampler =
            new FreeBsdSampler(
                    new Sysctl() {
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
                    },
                    Clock.fixed(Instant.ofEpochSecond(1_010), ZoneOffset.UTC),
                    4096);

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
