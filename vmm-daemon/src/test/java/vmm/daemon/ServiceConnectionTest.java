package vmm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.wire.Command;
import vmm.wire.Decoded;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.channel.FrameReader;
import vmm.wire.channel.FrameWriter;
import vmm.wire.der.WireCodec;

@Timeout(60)
class ServiceConnectionTest {
    private static final Message ASKED =
            Message.asking(
                    new Header(Header.Version.AV5, 42, Name.parse("a:b")),
                    new Command.PolicyInfo());

    @TempDir private Path folder;
    private SocketChannel peer;
    private SocketChannel accepted;
    private ServiceConnection connection;

    @BeforeEach
    void connect() throws IOException {
        var address = UnixDomainSocketAddress.of(folder.resolve("x.sock"));
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(address);
            peer = SocketChannel.open(address);
            accepted = server.accept();
            connection = new ServiceConnection(accepted);
        }
    }

    @AfterEach
    void close() throws IOException {
        peer.close();
        accepted.close();
    }

    private void says(byte[] bytes) throws IOException {
        peer.write(ByteBuffer.wrap(bytes));
    }

    private boolean isOver() throws IOException {
        try (var received = connection.receive(FrameReader.SMALL_FRAME_BYTES_MAX)) {
            return received == null;
        }
    }

    private Message heard() throws IOException {
        try (var frame = new FrameReader(peer).next(FrameReader.SMALL_FRAME_BYTES_MAX)) {
            Bytes der = Bytes.of(Objects.requireNonNull(frame, "closed").bytes().toArray());
            if (WireCodec.decode(der) instanceof Decoded.Of<Message>(var message)) {
                return message;
            }
            throw new AssertionError(der);
        }
    }

    @Test
    void messages_comeAsTheyWereSent_untilThePeerCloses() throws Exception {
        new FrameWriter(peer).send(ASKED);
        new FrameWriter(peer).send(ASKED);
        peer.shutdownOutput();
        for (int i = 0; i < 2; i++) {
            try (var received = connection.receive(FrameReader.SMALL_FRAME_BYTES_MAX)) {
                assertThat(Objects.requireNonNull(received, "closed").message()).isEqualTo(ASKED);
            }
        }
        assertThat(isOver()).isTrue();
    }

    /** BEHAVIOUR 14.20: what is not understood is closed without a word. */
    @Test
    void unknownCommand_isAnswered_withItsHeader_andEndsTheConnection() throws Exception {
        byte[] frame = FrameWriter.frame(ASKED).array().clone();
        frame[frame.length - 2] ^= 0x0f;
        says(frame);
        assertThat(isOver()).isTrue();
        Message answer = heard();
        assertThat(answer.header()).isEqualTo(ASKED.header());
        assertThat(answer.payload())
                .isInstanceOfSatisfying(
                        Message.Payload.Failed.class,
                        failed -> assertThat(failed.why()).startsWith("not understood at byte "));
    }

    @Test
    void whatIsNoMessage_endsTheConnection() throws Exception {
        says(new byte[] {0, 0, 0, 3, 'a', 'b', 'c'});
        assertThat(isOver()).isTrue();
    }

    @Test
    void frameBeyondTheBound_endsTheConnection_beforeItCame() throws Exception {
        says(ByteBuffer.allocate(4).putInt(FrameReader.SMALL_FRAME_BYTES_MAX + 1).array());
        assertThat(isOver()).isTrue();
    }

    @Test
    void frameThatIsCutOff_endsTheConnection() throws Exception {
        byte[] frame = FrameWriter.frame(ASKED).array();
        peer.write(ByteBuffer.wrap(frame, 0, frame.length - 1));
        peer.shutdownOutput();
        assertThat(isOver()).isTrue();
    }
}
