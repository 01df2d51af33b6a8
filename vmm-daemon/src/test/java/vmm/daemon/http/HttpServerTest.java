package vmm.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import vmm.core.Bytes;
import vmm.daemon.Listener;

@Timeout(60)
class HttpServerTest {
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    @TempDir private Path folder;
    private final CountDownLatch never = new CountDownLatch(1);
    private final CountDownLatch crowd = new CountDownLatch(HttpClient.CALLS_MAX);
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger mostInside = new AtomicInteger();
    private Path socket;
    private Listener listener;
    private HttpServer server;

    @BeforeEach
    void serve() throws IOException {
        socket = folder.resolve("http.sock");
        listener = Listener.open(socket);
        server = new HttpServer(this::answer);
        listener.start(server);
    }

    @AfterEach
    void stop() throws IOException {
        never.countDown();
        server.close();
        listener.close();
    }

    private HttpHandler.Answer answer(HttpHandler.Request request) throws InterruptedException {
        return switch (request.path()) {
            case "/whole" ->
                    new HttpHandler.Whole(
                            200,
                            bytes(
                                    request.method()
                                            + " "
                                            + request.body().length()
                                            + request.query()));
            case "/who" -> new HttpHandler.Whole(200, bytes(request.peer().user()));
            case "/typed" ->
                    new HttpHandler.Typed(202, "text/plain", Map.of("x-own", "1"), bytes("typed"));
            case "/never" -> {
                never.await();
                yield new HttpHandler.Whole(200, bytes("late"));
            }
            case "/crowd" -> {
                mostInside.accumulateAndGet(inside.incrementAndGet(), Math::max);
                crowd.countDown();
                crowd.await();
                inside.decrementAndGet();
                yield new HttpHandler.Whole(200, bytes("{}"));
            }
            default -> new HttpHandler.Whole(404, bytes("{}"));
        };
    }

    private static Bytes bytes(String text) {
        return Bytes.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(HttpClient.Reply reply) {
        return new String(reply.body().toArray(), StandardCharsets.UTF_8);
    }

    /** Says this and nothing more; what comes until the server closes. */
    private String raw(String request) throws IOException {
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            var answer = ByteBuffer.allocate(1 << 16);
            try {
                channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1)));
                channel.shutdownOutput();
                while (channel.read(answer) >= 0) {
                    Thread.onSpinWait();
                }
            } catch (IOException closed) {
                assertThat(closed).hasMessageMatching(".*(Broken pipe|reset|connected).*");
            }
            return new String(answer.array(), 0, answer.position(), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void client_andServer_understandEachOther_onOneConnection() throws Exception {
        try (var client = new HttpClient(socket)) {
            for (int i = 0; i < 3; i++) {
                assertThat(text(client.post("/whole?a=1&b=%20", new byte[5], DEADLINE)))
                        .startsWith("POST 5{")
                        .contains("a=1", "b= ");
            }
            assertThat(client.get("/nothing", DEADLINE).status()).isEqualTo(404);
            assertThat(text(client.get("/typed", DEADLINE))).isEqualTo("typed");
        }
    }

    @Test
    void calls_waitForEachOther_whenTheyAreTooMany() throws Exception {
        var answers = new ArrayList<Future<HttpClient.Reply>>();
        try (var client = new HttpClient(socket);
                var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 3 * HttpClient.CALLS_MAX; i++) {
                answers.add(callers.submit(() -> client.get("/crowd", DEADLINE)));
            }
            for (Future<HttpClient.Reply> answer : answers) {
                assertThat(answer.get().status()).isEqualTo(200);
            }
        }
        assertThat(mostInside.get()).isEqualTo(HttpClient.CALLS_MAX);
    }

    @Test
    void peer_isTheUserThatAsks() throws Exception {
        try (var client = new HttpClient(socket)) {
            assertThat(text(client.get("/who", DEADLINE)))
                    .isEqualTo(System.getProperty("user.name"));
        }
    }

    @Test
    void deadline_endsACall_thatIsNotAnswered() throws Exception {
        try (var client = new HttpClient(socket)) {
            assertThatThrownBy(() -> client.get("/never", Duration.ofMillis(100)))
                    .isInstanceOf(IOException.class);
            assertThat(client.get("/whole", DEADLINE).status()).isEqualTo(200);
        }
    }

    @Test
    void typedAnswer_hasItsHeaders() throws Exception {
        assertThat(raw("GET /typed HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 202 ")
                .containsIgnoringCase("x-own: 1")
                .containsIgnoringCase("content-type: text/plain")
                .endsWith("\r\n\r\ntyped");
    }

    /** RFC 9112 section 6.3: two lengths are how requests are smuggled. */
    @Test
    void twoLengths_areNotServed() throws Exception {
        for (String lengths :
                new String[] {
                    "Content-Length: 1\r\nContent-Length: 2",
                    "Content-Length: 1\r\nTransfer-Encoding: chunked",
                    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                    "Content-Length: -1",
                    "Content-Length: 99999999999"
                }) {
            assertThat(raw("POST /whole HTTP/1.1\r\nHost: x\r\n" + lengths + "\r\n\r\nx"))
                    .as(lengths)
                    .doesNotContain("POST 1")
                    .doesNotContain(" 200 ");
        }
    }

    @Test
    void noise_isClosed_andTheServerGoesOn() throws Exception {
        for (String noise : new String[] {"", "\0\0\0\0", "GET\r\n\r\n", "x".repeat(100_000)}) {
            assertThat(raw(noise)).doesNotContain(" 200 ");
        }
        try (var client = new HttpClient(socket)) {
            assertThat(client.get("/whole", DEADLINE).status()).isEqualTo(200);
        }
    }

    @Test
    void bodyBeyondTheBound_isNotTaken() throws Exception {
        try (var client = new HttpClient(socket)) {
            byte[] most = new byte[Http.BODY_BYTES_MAX];
            assertThat(text(client.post("/whole", most, DEADLINE)))
                    .startsWith("POST " + most.length);
            byte[] more = new byte[Http.BODY_BYTES_MAX + 1];
            assertThat(refuses(client, more)).isTrue();
        }
    }

    /** By an answer or by closing: the client may still be writing. */
    private static boolean refuses(HttpClient client, byte[] body) {
        try {
            return client.post("/whole", body, DEADLINE).status() >= 400;
        } catch (IOException closed) {
            return true;
        }
    }
}
