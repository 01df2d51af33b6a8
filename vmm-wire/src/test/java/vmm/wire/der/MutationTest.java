package vmm.wire.der;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import vmm.wire.Allocation;
import vmm.wire.Decoded;

/** Damaged bytes: refused or understood, never an exception, never more memory than they are. */
class MutationTest {
    private static final int SAMPLE_BYTES_MAX = 400;
    private static final int CUT_BYTES_MAX = 4096;

    private static List<Vectors.Vector> all() {
        return Stream.of("2.5.0", "2.7.2").flatMap(r -> Vectors.of(r).stream()).toList();
    }

    /** Every twentieth small one, of both releases. */
    private static List<Vectors.Vector> sample() {
        List<Vectors.Vector> small =
                all().stream().filter(v -> v.bytes().length() <= SAMPLE_BYTES_MAX).toList();
        return IntStream.range(0, small.size())
                .filter(i -> i % 20 == 0)
                .mapToObj(small::get)
                .toList();
    }

    @Test
    void decode_refuses_everyVectorCutAtEveryByte() {
        for (Vectors.Vector vector : all()) {
            byte[] bytes = vector.bytes().toArray();
            if (bytes.length > CUT_BYTES_MAX || vector.decode() instanceof Decoded.Malformed) {
                continue;
            }
            for (int end = 0; end < bytes.length; end++) {
                Targets.assertRefused(vector.type(), Arrays.copyOf(bytes, end));
            }
        }
    }

    @Test
    void decode_refusesOrUnderstands_everyFlippedBitOfASample() {
        int accepted = 0;
        for (Vectors.Vector vector : sample()) {
            byte[] bytes = vector.bytes().toArray();
            for (int bit = 0; bit < bytes.length * 8; bit++) {
                bytes[bit / 8] ^= (byte) (1 << (bit % 8));
                accepted += Targets.of(vector.type(), bytes) ? 1 : 0;
                bytes[bit / 8] ^= (byte) (1 << (bit % 8));
            }
        }
        assertThat(accepted).isPositive();
    }

    @Test
    void decode_allocatesInProportionToItsInput_whateverLengthsItClaims() {
        byte[][] claims = {
            {(byte) 0x84, 0x7f, -1, -1, -1},
            {(byte) 0x84, -1, -1, -1, -1},
            {(byte) 0x83, -1, -1, -1},
            {(byte) 0x88, 0x7f, -1, -1, -1, -1, -1, -1, -1},
            {(byte) 0x80}
        };
        long worst = 0;
        for (Vectors.Vector vector : sample()) {
            byte[] bytes = vector.bytes().toArray();
            for (int at = 0; at < bytes.length; at++) {
                for (byte[] claim : claims) {
                    byte[] bomb = inserted(bytes, at, claim);
                    long before = Allocation.bytes();
                    Targets.of(vector.type(), bomb);
                    long used = Allocation.bytes() - before;
                    worst = Math.max(worst, used / (bomb.length + 256));
                }
            }
        }
        assertThat(worst).as("bytes allocated for a byte that came").isLessThan(512);
    }

    private static byte[] inserted(byte[] bytes, int at, byte[] claim) {
        var out = new ByteArrayOutputStream(bytes.length + claim.length);
        out.write(bytes, 0, at);
        out.writeBytes(claim);
        out.write(bytes, at + 1, bytes.length - at - 1);
        return out.toByteArray();
    }

    @Test
    void decode_refuses_nestingOf10000() {
        for (int tag : List.of(0x30, 0x31, 0xa0, 0xa1, 0xa3)) {
            var out = new DerWriter();
            for (int i = 0; i < 10_000; i++) {
                out.tag(tag, 0);
            }
            byte[] bytes = out.toArray();
            for (String type : List.of("wire", "cert", "state")) {
                Targets.assertRefused(type, bytes);
            }
        }
    }

    @Test
    void decode_refusesOrUnderstands_splicedVectors() {
        long seed = Long.getLong("seed", 20_261_121L);
        var random = new Random(seed);
        List<Vectors.Vector> sample = sample();
        for (int i = 0; i < 50_000; i++) {
            Vectors.Vector vector = sample.get(random.nextInt(sample.size()));
            byte[] bytes = vector.bytes().toArray();
            byte[] other = sample.get(random.nextInt(sample.size())).bytes().toArray();
            int length = 1 + random.nextInt(Math.min(bytes.length, other.length));
            System.arraycopy(
                    other,
                    random.nextInt(other.length - length + 1),
                    bytes,
                    random.nextInt(bytes.length - length + 1),
                    length);
            try {
                Targets.of(vector.type(), bytes);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("-Dseed=" + seed + ", " + vector, e);
            }
        }
    }
}
