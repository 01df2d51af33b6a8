package vmm.client;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A control socket that notes each request, answers it with a text, and closes. */
final class TinyControl implements Closeable {
    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: ([0-9]+)");
    final Path socket;
    final BlockingQueue<String> asked = new LinkedBlockingQueue<>();

    private final Supplier<String> answer;
    private final ServerSocketChannel server;

    TinyControl(Path folder, Supplier<String> answer) throws IOException {
        this.socket = folder.resolve("control.sock");
        this.answer = answer;
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(this::serve);
    }

    /** An answer as HTTP writes it. */
    static String answer(int status, String json) {
        return "HTTP/1.1 %d -\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(status, json.length(), json);
    }

    private void serve() {
        while (server.isOpen()) {
            try (SocketChannel peer = server.accept()) {
                asked.add(request(Channels.newInputStream(peer)));
                peer.write(ByteBuffer.wrap(answer.get().getBytes(StandardCharsets.UTF_8)));
            } catch (IOException _) {
                // The client left, or the server was closed.
            }
        }
    }

    /** The head; what follows it is read as well. */
    private static String request(InputStream in) throws IOException {
        var head = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            head.append((char) c);
            if (head.toString().endsWith("\r\n\r\n")) {
                Matcher length = LENGTH.matcher(head);
                in.skipNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0);
                return head.toString();
            }
        }
        throw new EOFException("no request came");
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
