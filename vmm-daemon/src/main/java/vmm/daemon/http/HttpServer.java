package vmm.daemon.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.impl.io.DefaultBHttpServerConnection;
import org.apache.hc.core5.http.impl.io.DefaultHttpRequestParserFactory;
import org.apache.hc.core5.http.impl.io.HttpService;
import org.apache.hc.core5.http.io.HttpServerRequestHandler;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityTemplate;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.http.protocol.HttpProcessor;
import org.apache.hc.core5.http.protocol.HttpProcessorBuilder;
import org.apache.hc.core5.http.protocol.ResponseConnControl;
import org.apache.hc.core5.http.protocol.ResponseContent;
import org.apache.hc.core5.io.CloseMode;
import vmm.core.Bytes;
import vmm.daemon.Listener;
import vmm.daemon.http.HttpHandler.Answer;
import vmm.daemon.http.HttpHandler.Lines;
import vmm.daemon.http.HttpHandler.Request;
import vmm.daemon.http.HttpHandler.Stream;
import vmm.daemon.http.HttpHandler.Typed;
import vmm.daemon.http.HttpHandler.Whole;
import vmm.daemon.http.HttpHandler.Written;
import vmm.os.PeerCredentials;

/** Serves HTTP/1.1 on the connections a {@link Listener} gives it. */
public final class HttpServer implements Listener.Service, AutoCloseable {
    /** One more is closed, unless the listener leaves it in the backlog. */
    public static final int CONNECTIONS_MAX = 512;

    /** A connection without a request; longer than the client keeps one. */
    private static final Duration IDLE_MAX = Duration.ofSeconds(60);

    /** From the header of a request to the end of its body. */
    private static final Duration BODY_MAX = Duration.ofSeconds(10);

    /** A peer that does not take an answer, or a line of it. */
    private static final Duration WRITE_MAX = Duration.ofSeconds(30);

    /** An empty line in a stream: the only way to notice a reader that has gone. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);

    /** Without one of its own a connection takes any number of headers. */
    private static final DefaultHttpRequestParserFactory PARSERS =
            new DefaultHttpRequestParserFactory(Http.CONFIG);

    private static final ContentType NDJSON = ContentType.create("application/x-ndjson");

    private final ScheduledExecutorService deadlines = Http.deadlines("http server deadlines");
    private final Semaphore free = new Semaphore(CONNECTIONS_MAX);
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
    private final HttpProcessor processor =
            HttpProcessorBuilder.create()
                    .addAll(new ResponseContent(), new ResponseConnControl())
                    .build();
    private final HttpHandler handler;

    public HttpServer(HttpHandler handler) {
        this.handler = handler;
    }

    @Override
    public void serve(SocketChannel client) throws IOException {
        if (!free.tryAcquire()) {
            throw new IOException("more than " + CONNECTIONS_MAX + " connections");
        }
        open.add(client);
        try {
            serve(client, new ChannelSocket(client, deadlines));
        } finally {
            open.remove(client);
            free.release();
        }
    }

    private void serve(SocketChannel client, ChannelSocket socket) throws IOException {
        PeerCredentials peer =
                client.getLocalAddress() instanceof UnixDomainSocketAddress
                        ? PeerCredentials.of(client)
                        : PeerCredentials.UNKNOWN;
        var connection =
                new DefaultBHttpServerConnection(
                        "http", Http.CONFIG, null, null, null, null, PARSERS, null);
        connection.bind(socket);
        var service =
                new HttpService(
                        processor, (request, trigger, _) -> handle(peer, socket, request, trigger));
        try {
            while (connection.isOpen()) {
                socket.closeAfter(IDLE_MAX);
                service.handleRequest(connection, HttpCoreContext.create());
            }
        } catch (HttpException e) {
            throw new IOException("bad HTTP: " + e.getMessage(), e);
        } catch (IOException e) {
            throw socket.cause(e);
        } finally {
            socket.closeNever();
            connection.close(CloseMode.IMMEDIATE);
        }
    }

    private void handle(
            PeerCredentials peer,
            ChannelSocket socket,
            ClassicHttpRequest request,
            HttpServerRequestHandler.ResponseTrigger trigger)
            throws HttpException, IOException {
        refuseAmbiguousLength(request);
        socket.closeAfter(BODY_MAX);
        byte[] body = Http.body(request.getEntity());
        socket.closeNever();
        String target = request.getRequestUri();
        int mark = target.indexOf('?');
        var asked =
                new Request(
                        request.getMethod(),
                        mark < 0 ? target : target.substring(0, mark),
                        mark < 0 ? Map.of() : query(target.substring(mark + 1)),
                        headers(request),
                        Bytes.view(body, 0, body.length),
                        peer);
        Answer answer;
        try {
            answer = handler.answer(asked);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
        switch (answer) {
            case Whole(var status, var json) -> {
                ClassicHttpResponse response = new BasicClassicHttpResponse(status);
                response.setEntity(
                        new ByteArrayEntity(json.toArray(), ContentType.APPLICATION_JSON));
                socket.closeAfter(WRITE_MAX);
                trigger.submitResponse(response);
            }
            case Typed(var status, var type, var headers, var content) -> {
                ClassicHttpResponse response = new BasicClassicHttpResponse(status);
                headers.forEach(response::addHeader);
                response.setEntity(
                        new ByteArrayEntity(content.toArray(), ContentType.parseLenient(type)));
                socket.closeAfter(WRITE_MAX);
                trigger.submitResponse(response);
            }
            case Written(var status, var type, var content) -> {
                ClassicHttpResponse response = new BasicClassicHttpResponse(status);
                response.setEntity(
                        new EntityTemplate(
                                -1, ContentType.parseLenient(type), null, content::writeTo));
                socket.closeAfter(WRITE_MAX);
                trigger.submitResponse(response);
            }
            case Stream(var lines) -> {
                ClassicHttpResponse response = new BasicClassicHttpResponse(200);
                response.setEntity(
                        new EntityTemplate(-1, NDJSON, null, out -> write(lines, socket, out)));
                try (lines) {
                    trigger.submitResponse(response);
                }
            }
        }
    }

    /** Two lengths are how requests are smuggled (RFC 9112 section 6.3). */
    private static void refuseAmbiguousLength(ClassicHttpRequest request) throws ProtocolException {
        int lengths = request.countHeaders("Content-Length");
        int encodings = request.countHeaders("Transfer-Encoding");
        if (lengths + encodings > 1) {
            throw new ProtocolException("more than one length");
        }
    }

    private static Map<String, String> headers(ClassicHttpRequest request) {
        var found = new TreeMap<String, String>();
        for (Header header : request.getHeaders()) {
            String value = header.getValue();
            found.merge(
                    header.getName().toLowerCase(Locale.ROOT),
                    value == null ? "" : value,
                    (a, b) -> a + ", " + b);
        }
        return found;
    }

    private static Map<String, String> query(String text) throws ProtocolException {
        var found = new TreeMap<String, String>();
        for (String part : text.split("&", -1)) {
            int equals = part.indexOf('=');
            if (equals > 0) {
                found.put(decoded(part.substring(0, equals)), decoded(part.substring(equals + 1)));
            }
        }
        return found;
    }

    private static String decoded(String text) throws ProtocolException {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new ProtocolException("bad query: " + e.getMessage());
        }
    }

    private static void write(Lines lines, ChannelSocket socket, OutputStream out)
            throws IOException {
        try {
            out.write('\n');
            out.flush();
            while (!lines.ended()) {
                Optional<Bytes> line = lines.peek(HEARTBEAT);
                socket.closeAfter(WRITE_MAX);
                if (line.isPresent()) {
                    Channels.newChannel(out).write(line.get().asBuffer());
                }
                out.write('\n');
                out.flush();
                socket.closeNever();
                if (line.isPresent()) {
                    lines.written();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /** Ends every connection. */
    @Override
    public void close() throws IOException {
        for (SocketChannel client : open) {
            client.close();
        }
        deadlines.shutdownNow();
    }
}
