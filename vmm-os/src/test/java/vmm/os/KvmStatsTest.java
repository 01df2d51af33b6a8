package vmm.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KvmStatsTest {
    private static final int NAME_BYTES = 48;
    private static final int ENTRY_BYTES = 16 + NAME_BYTES;

    /** A file as the kernel lays it out: header, id, descriptions, counters. */
    private static byte[] file(String... names) {
        int descriptions = 24 + NAME_BYTES;
        int data = descriptions + (names.length * ENTRY_BYTES);
        var bytes = ByteBuffer.allocate(data + (names.length * 8)).order(ByteOrder.nativeOrder());
        bytes.putInt(0).putInt(NAME_BYTES).putInt(names.length).putInt(24).putInt(descriptions);
        bytes.putInt(data);
        for (int i = 0; i < names.length; i++) {
            int at = descriptions + (i * ENTRY_BYTES);
            bytes.putShort(at + 6, (short) 1).putInt(at + 8, i * 8);
            bytes.put(at + 16, names[i].getBytes(StandardCharsets.US_ASCII));
            bytes.putLong(data + (i * 8), 100 + i);
        }
        return bytes.array();
    }

    @Test
    void counters_areReadWhereTheDescriptionsSay() {
        byte[] file = file("exits", "halt_exits");
        KvmStats stats = KvmStats.parse("vcpu0", file, file.length).orElseThrow();
        assertThat(stats.bytes()).isEqualTo(16);
        var counters = new LinkedHashMap<String, Long>();
        byte[] data = java.util.Arrays.copyOfRange(file, stats.offset(), file.length);
        stats.read(data, data.length, counters::put);
        assertThat(counters).isEqualTo(Map.of("vcpu0.exits", 100L, "vcpu0.halt_exits", 101L));
        counters.clear();
        stats.read(data, 8, counters::put);
        assertThat(counters).hasSize(1);
    }

    /** The descriptor is the tender's: what it says is not trusted. */
    @Test
    void damagedFiles_neverFail() {
        byte[] whole = file("exits", "halt_exits", "insn_emulation");
        var random = new Random(Long.getLong("seed", 7));
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = whole.clone();
            for (int k = 0; k < 4; k++) {
                damaged[random.nextInt(k == 0 ? 24 : damaged.length)] = (byte) random.nextInt();
            }
            int length = random.nextInt(damaged.length + 1);
            Optional<KvmStats> stats = KvmStats.parse("vm", damaged, length);
            stats.ifPresent(s -> s.read(damaged, damaged.length, (_, _) -> {}));
        }
        assertThat(KvmStats.parse("vm", whole, 10)).isEmpty();
    }
}
