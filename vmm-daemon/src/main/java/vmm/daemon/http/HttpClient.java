package vmm.daemon.http;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.http.protocol.HttpProcessor;
import org.apache.hc.core5.http.protocol.HttpProcessorBuilder;
import org.apache.hc.core5.http.protocol.RequestConnControl;
import org.apache.hc.core5.http.protocol.RequestContent;
import org.apache.hc.core5.http.protocol.RequestTargetHost;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;
import vmm.core.Bytes;

/**
 * Calls an {@link HttpServer} on a Unix socket. Any thread, virtual ones best; connections are kept
 * and used again.
 */
public final class HttpClient implements AutoCloseable {
    private static final int IDLE_CONNECTIONS_MAX = 16;

    /** Calls under way; the others wait, each would take some 64 KiB. */
    static final int CALLS_MAX = 64;

    private static final HttpHost HOST = new HttpHost("localhost");

    /**
     * @param status of HTTP
     */
    public record Reply(int status, Bytes body) {
        public String text() {
            return new String(body.toArray(), StandardCharsets.UTF_8);
        }
    }

    private record Connection(DefaultBHttpClientConnection http, ChannelSocket socket) {
        void close() {
            socket.closeNever();
            http.close(CloseMode.IMMEDIATE);
        }
    }

    private final Semaphore turns = new Semaphore(CALLS_MAX, true);
    private final ScheduledExecutorService deadlines = Http.deadlines("http client deadlines");
    private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();
    private final HttpRequestExecutor executor = new HttpRequestExecutor();
    private final HttpProcessor processor =
            HttpProcessorBuilder.create()
                    .addAll(new RequestContent(), new RequestTargetHost(), new RequestConnControl())
                    .build();
    private final UnixDomainSocketAddress address;

    public HttpClient(Path socket) {
        address = UnixDomainSocketAddress.of(socket);
    }

    /**
     * Connects for the next call, so that who cannot be reached is told before anything is asked.
     */
    public void connect() throws IOException {
        idle.push(fresh());
    }

    public Reply get(String path, Duration deadline) throws IOException {
        return call(new BasicClassicHttpRequest("GET", HOST, path), deadline);
    }

    public Reply post(String path, byte[] json, Duration deadline) throws IOException {
        var request = new BasicClassicHttpRequest("POST", HOST, path);
        request.setEntity(new ByteArrayEntity(json, ContentType.APPLICATION_JSON));
        return call(request, deadline);
    }

    private Reply call(BasicClassicHttpRequest request, Duration deadline) throws IOException {
        turns.acquireUninterruptibly();
        try {
            return callAtOnce(request, deadline);
        } finally {
            turns.release();
        }
    }

    private Reply callAtOnce(BasicClassicHttpRequest request, Duration deadline)
            throws IOException {
        Connection connection = connection();
        var context = HttpCoreContext.create();
        boolean keep = false;
        try {
            connection.socket().closeAfter(deadline);
            ClassicHttpResponse response = exchange(connection, request, context);
            byte[] body = Http.body(response.getEntity());
            keep =
                    executor.keepAlive(request, response, connection.http(), context)
                            && idle.size() < IDLE_CONNECTIONS_MAX;
            return new Reply(response.getCode(), Bytes.view(body, 0, body.length));
        } catch (IOException e) {
            throw connection.socket().cause(e);
        } finally {
            connection.socket().closeNever();
            if (keep) {
                idle.push(connection);
            } else {
                connection.close();
            }
        }
    }

    private ClassicHttpResponse exchange(
            Connection connection, BasicClassicHttpRequest request, HttpCoreContext context)
            throws IOException {
        try {
            executor.preProcess(request, processor, context);
            ClassicHttpResponse response = executor.execute(request, connection.http(), context);
            executor.postProcess(response, processor, context);
            return response;
        } catch (NoHttpResponseException e) {
            throw new EOFException("closed without an answer");
        } catch (HttpException e) {
            throw new IOException("bad HTTP: " + e.getMessage(), e);
        }
    }

    private Connection connection() throws IOException {
        for (Connection kept = idle.poll(); kept != null; kept = idle.poll()) {
            if (!kept.socket().isStale()) {
                return kept;
            }
            kept.close();
        }
        return fresh();
    }

    private Connection fresh() throws IOException {
        SocketChannel channel = SocketChannel.open(address);
        var socket = new ChannelSocket(channel, deadlines);
        var http = new DefaultBHttpClientConnection(Http.CONFIG);
        http.bind(socket);
        return new Connection(http, socket);
    }

    /**
     * Opens a stream of lines on a connection of its own.
     *
     * @param silence how long the server may say nothing, not even a heartbeat
     * @throws Refused if the answer is not 200
     */
    public LineStream lines(String path, Duration silence) throws IOException {
        Connection connection = connection();
        boolean ok = false;
        try {
            connection.socket().closeAfter(silence);
            var request = new BasicClassicHttpRequest("GET", HOST, path);
            ClassicHttpResponse response = exchange(connection, request, HttpCoreContext.create());
            if (response.getCode() != 200 || response.getEntity() == null) {
                byte[] body = Http.body(response.getEntity());
                throw new Refused(new Reply(response.getCode(), Bytes.view(body, 0, body.length)));
            }
            var content = response.getEntity().getContent();
            ok = true;
            return new LineStream(connection, content, silence);
        } catch (IOException e) {
            throw connection.socket().cause(e);
        } finally {
            if (!ok) {
                connection.close();
            }
        }
    }

    /** An answer where a stream was asked for. */
    public static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;
        private final transient Reply reply;

        Refused(Reply reply) {
            super("answer " + reply.status() + ": " + reply.text());
            this.reply = reply;
        }

        public Reply reply() {
            return reply;
        }
    }

    /** Lines as they come. One reader; any thread may close it, which ends the reader. */
    public static final class LineStream implements AutoCloseable {
        private final Connection connection;
        private final BufferedReader reader;
        private final Duration silence;

        private LineStream(Connection connection, java.io.InputStream content, Duration silence) {
            this.connection = connection;
            this.silence = silence;
            reader = new BufferedReader(new InputStreamReader(content, StandardCharsets.UTF_8));
        }

        /** The next line without heartbeats, or null at the end of the stream. */
        public @Nullable String next() throws IOException {
            try {
                String line;
                do {
                    connection.socket().closeAfter(silence);
                    line = reader.readLine();
                } while (line != null && line.isEmpty());
                return line;
            } catch (IOException e) {
                throw connection.socket().cause(e);
            } finally {
                connection.socket().closeNever();
            }
        }

        @Override
        public void close() throws IOException {
            connection.socket().close();
        }
    }

    @Override
    public void close() {
        for (Connection kept = idle.poll(); kept != null; kept = idle.poll()) {
            kept.close();
        }
        deadlines.shutdownNow();
    }
}
