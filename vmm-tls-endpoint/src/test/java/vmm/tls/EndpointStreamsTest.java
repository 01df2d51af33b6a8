package vmm.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.core.Arguments;
import vmm.core.Bytes;
import vmm.core.FailBehaviour;
import vmm.core.Typ;
import vmm.core.UnikernelConfig;
import vmm.wire.Command;
import vmm.wire.Decoded;
import vmm.wire.Form;
import vmm.wire.Message;
import vmm.wire.channel.Frame;
import vmm.wire.channel.FrameReader;
import vmm.wire.channel.FrameWriter;
import vmm.wire.der.WireCodec;

/** What follows a command over TLS: images and the content of block devices. */
class EndpointStreamsTest {
    private static final int IMAGE_BYTES = 30 << 20;

    @TempDir Path folder;

    @Test
    void image_arrivesWhole_whereItFollowsTheCertificate_behaviour14_28() throws Exception {
        byte[] image = new byte[IMAGE_BYTES];
        for (int i = 0; i < image.length; i++) {
            image[i] = (byte) (31 * i + 7);
        }
        var config = new UnikernelConfig(Typ.SOLO5, false, Bytes.EMPTY, arguments());
        var create = new Command.Create(false, Form.Config.V5, config);
        String sent = HexFormat.of().formatHex(sha256(Bytes.of(image)));
        try (House house =
                        House.open(
                                folder,
                                (reader, writer, _) -> {
                                    try (Frame frame =
                                            reader.next(FrameReader.IMAGE_FRAME_BYTES_MAX)) {
                                        answerHash(frame, writer);
                                    }
                                });
                SSLSocket socket = house.connect(house.chain("x", create))) {
            var out = new DataOutputStream(socket.getOutputStream());
            for (int at = 0; at < image.length; at += 1 << 16) {
                int length = Math.min(1 << 16, image.length - at);
                out.writeInt(length);
                out.write(image, at, length);
            }
            out.writeInt(0);
            Message answer = EndpointTest.answer(socket);
            assertThat(answer.payload()).isEqualTo(Message.done(answer.header(), sent).payload());
        }
    }

    private static byte[] sha256(Bytes bytes) throws IOException {
        try {
            var hash = MessageDigest.getInstance("SHA-256");
            hash.update(bytes.asBuffer());
            return hash.digest();
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static void answerHash(@Nullable Frame frame, FrameWriter writer) throws IOException {
        if (frame != null
                && WireCodec.decode(frame.bytes()) instanceof Decoded.Of<Message>(var message)
                && message.payload()
                        instanceof Message.Payload.Asked(Command.Create(_, _, var config))) {
            writer.send(
                    Message.done(
                            message.header(), HexFormat.of().formatHex(sha256(config.image()))));
        }
    }

    @Test
    void imageWithoutEnd_isRefused_inWords() throws Exception {
        var config = new UnikernelConfig(Typ.SOLO5, false, Bytes.EMPTY, arguments());
        var create = new Command.Create(false, Form.Config.V5, config);
        try (House house = House.open(folder, EndpointTest::answering);
                SSLSocket socket = house.connect(house.chain("x", create))) {
            new DataOutputStream(socket.getOutputStream()).writeInt(Integer.MAX_VALUE);
            assertThat(EndpointTest.failure(socket)).contains("larger than 64 MiB");
            assertThat(house.asked).isEmpty();
        }
    }

    private static Arguments arguments() {
        return new Arguments(
                FailBehaviour.QUIT,
                OptionalLong.empty(),
                true,
                new TreeSet<>(List.of(0L)),
                32,
                List.of(),
                List.of(),
                Optional.empty(),
                1,
                Optional.empty());
    }

    @Test
    void chunksOfABlockDevice_arriveAsTheyAre_upToTheEmptyOne() throws Exception {
        try (House house =
                        House.open(
                                folder,
                                (reader, writer, asked) -> {
                                    Message message = House.message(reader);
                                    int total = 0;
                                    for (var piece = reader.nextPiece(1 << 20);
                                            piece != null;
                                            piece = reader.nextPiece(1 << 20)) {
                                        total += piece.remaining();
                                    }
                                    writer.send(Message.done(message.header(), "got " + total));
                                });
                SSLSocket socket = house.connect(house.chain("x", new Command.BlockSet(false)))) {
            var out = new DataOutputStream(socket.getOutputStream());
            for (int i = 0; i < 1000; i++) {
                out.writeInt(4096);
                out.write(new byte[4096]);
            }
            out.writeInt(0);
            Message answer = EndpointTest.answer(socket);
            assertThat(answer.payload())
                    .isEqualTo(Message.done(answer.header(), "got 4096000").payload());
        }
    }

    @Test
    void tornStreams_leaveNothing_behaviour14_24() throws Exception {
        try (House house = House.open(folder, EndpointTest::streaming)) {
            for (int i = 0; i < 20; i++) {
                SSLSocket socket = house.connect(house.chain("x", new Command.BlockSet(false)));
                var out = new DataOutputStream(socket.getOutputStream());
                out.writeInt(4096);
                out.write(new byte[100]);
                out.flush();
                socket.setSoLinger(true, 0);
                socket.close();
            }
            EndpointTest.await(() -> house.sessions() == 0);
        }
    }
}
