package vmm.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import vmm.core.Arguments;
import vmm.core.Bytes;
import vmm.core.FailBehaviour;
import vmm.core.Name;
import vmm.core.Typ;
import vmm.core.UnikernelConfig;
import vmm.wire.Command;
import vmm.wire.Form;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.channel.FrameWriter;

/** What is put around an image in a file is what the codec puts around one in memory. */
class SpliceTest {
    private static final byte[] PLACE = "the place".getBytes(US_ASCII);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 90, 127, 128, 200, 255, 256, 40_000, 65_535, 65_536, 1 << 24})
    void of_givesTheSameFrame_forEveryLengthOfLength(int octets) {
        byte[] image = new byte[octets];
        Splice splice = Splice.of(create(PLACE), PLACE, octets);
        ByteBuffer frame =
                ByteBuffer.allocate(splice.before().length() + octets + splice.after().length());
        frame.put(splice.before().asBuffer()).put(image).put(splice.after().asBuffer());
        assertThat(frame.flip()).isEqualTo(FrameWriter.frame(create(image)));
    }

    private static Message create(byte[] image) {
        var arguments =
                new Arguments(
                        FailBehaviour.QUIT,
                        OptionalLong.empty(),
                        true,
                        new TreeSet<>(List.of(0L)),
                        32,
                        List.of(),
                        List.of(),
                        Optional.of(List.of("an argument")),
                        1,
                        Optional.empty());
        return Message.asking(
                Header.of(Name.parse("a:b:c")),
                new Command.Create(
                        true,
                        Form.Config.V5,
                        new UnikernelConfig(Typ.SOLO5, true, Bytes.of(image), arguments)));
    }
}
