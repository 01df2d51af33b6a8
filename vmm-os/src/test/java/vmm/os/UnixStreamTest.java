package vmm.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixStreamTest {
    private static final int LONG_BYTES = 3 << 20;

    @TempDir Path folder;
    private ServerSocketChannel server;

    @BeforeEach
    void listen() throws IOException {
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(folder.resolve("s")));
    }

    private static void writeAll(java.nio.channels.ByteChannel to, ByteBuffer bytes)
            throws IOException {
        while (bytes.hasRemaining()) {
            to.write(bytes);
        }
    }

    @Test
    void bytes_goBothWays_andEnd() throws Exception {
        byte[] sent = new byte[LONG_BYTES];
        new Random(5).nextBytes(sent);
        var back = new CompletableFuture<byte[]>();
        try (var stream = UnixStream.connect(folder.resolve("s"));
                SocketChannel peer = server.accept()) {
            Thread.ofPlatform()
                    .start(
                            () -> {
                                try {
                                    var all = ByteBuffer.allocate(LONG_BYTES);
                                    while (all.hasRemaining() && peer.read(all) >= 0) {
                                        // It comes in pieces.
                                    }
                                    back.complete(all.array());
                                    writeAll(peer, all.flip());
                                    peer.shutdownOutput();
                                } catch (IOException e) {
                                    back.completeExceptionally(e);
                                }
                            });
            writeAll(stream, ByteBuffer.wrap(sent));
            assertThat(Arrays.equals(back.get(60, TimeUnit.SECONDS), sent)).isTrue();
            var received = ByteBuffer.allocate(LONG_BYTES + 1);
            while (stream.read(received) >= 0) {
                // It comes in pieces.
            }
            assertThat(Arrays.equals(received.array(), 0, received.position(), sent, 0, LONG_BYTES))
                    .isTrue();
            peer.shutdownInput();
            assertThatThrownBy(() -> writeAll(stream, ByteBuffer.allocate(LONG_BYTES)))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void close_endsWhatAnotherThreadWaitsFor() throws Exception {
        var stream = UnixStream.connect(folder.resolve("s"));
        var read = new CompletableFuture<Integer>();
        Thread reader =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        read.complete(stream.read(ByteBuffer.allocate(1)));
                                    } catch (IOException e) {
                                        read.completeExceptionally(e);
                                    }
                                });
        while (!reader.getState().equals(Thread.State.TERMINATED) && !isReading(reader)) {
            Thread.onSpinWait();
        }
        stream.close();
        assertThat(read.get(60, TimeUnit.SECONDS)).isNegative();
        assertThat(stream.isOpen()).isFalse();
        assertThatThrownBy(() -> stream.read(ByteBuffer.allocate(1)))
                .isInstanceOf(ClosedChannelException.class);
        stream.close();
    }

    private static boolean isReading(Thread thread) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(Libc.class.getName()));
    }

    @Test
    void connect_saysWhere_nobodyListens() {
        Path nobody = folder.resolve("nobody");
        assertThatThrownBy(() -> UnixStream.connect(nobody))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(nobody.toString());
        assertThatThrownBy(() -> UnixStream.connect(folder.resolve("x".repeat(108))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no socket can be at");
    }
}
