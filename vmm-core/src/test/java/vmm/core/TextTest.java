package vmm.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class TextTest {
    @Test
    void text_givesBackTheSameBytes_whateverTheyAre() {
        var random = new Random(1);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(12)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (random.nextInt(4) == 0 ? 'a' : 0x80 + random.nextInt(128));
            }
            String text = Text.decode(bytes, 0, bytes.length);
            assertThat(Text.encode(text)).isEqualTo(bytes);
        }
    }

    @Test
    void isUtf8_tellsEscapedBytes_fromText() {
        byte[] bad = {'a', (byte) 0xff, 'b'};
        assertThat(Text.isUtf8(Text.decode(bad, 0, 3))).isFalse();
        assertThat(Text.isUtf8("héllo 🐫")).isTrue();
        byte[] surrogate = {(byte) 0xed, (byte) 0xb2, (byte) 0x80};
        assertThat(Text.isUtf8(Text.decode(surrogate, 0, 3))).isFalse();
    }

    @Test
    void encode_refuses_aSurrogateThatIsNoEscape() {
        assertThatThrownBy(() -> Text.encode("\ud800"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void byteOrder_isThatOfTheBytes_notOfJava() {
        assertThat(Text.BYTE_ORDER.compare("\uffee", "🐫")).isNegative();
        assertThat("\uffee".compareTo("🐫")).isPositive();
    }
}
