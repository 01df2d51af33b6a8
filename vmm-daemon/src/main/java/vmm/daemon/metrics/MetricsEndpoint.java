package vmm.daemon.metrics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.core.Bytes;
import vmm.daemon.Listener;
import vmm.daemon.Options;
import vmm.daemon.http.HttpHandler;
import vmm.daemon.http.HttpServer;

/**
 * HTTP for whoever looks: {@code /metrics}, and what a daemon adds. It only reads. A port that
 * others can reach needs a token; a port of this machine answers to this machine's names only, so
 * that a page in a browser cannot read it under a name of its own.
 */
public final class MetricsEndpoint implements AutoCloseable {
    public static final Options.Option LISTEN =
            Options.Option.of(
                    "--metrics-listen", "WHERE", "HOST:PORT and sockets, by commas, for metrics");
    public static final Options.Option TOKEN =
            Options.Option.of(
                    "--metrics-token-file", "FILE", "ports ask for the token in this file");

    /** The options of every daemon that tells metrics. */
    public static final List<Options.Option> OPTIONS = List.of(LISTEN, TOKEN);

    private static final String BASIC = "Basic ";
    private static final int TOKEN_BYTES_MAX = 4096;
    private static final List<String> LOCAL_NAMES =
            List.of("localhost", "127.0.0.1", "[::1]", "localhost.localdomain");

    /** What a daemon tells beside its own metrics, at a path of its own. */
    public interface Pages {
        /** The answer to a GET, or nothing where there is no such page. */
        Optional<HttpHandler.Answer> answer(HttpHandler.Request request)
                throws IOException, InterruptedException;
    }

    private final List<Listener> listeners = new ArrayList<>();
    private final List<HttpServer> servers = new ArrayList<>();
    private final Optional<String> token;
    private final Pages pages;

    private MetricsEndpoint(Optional<String> token, Pages pages) {
        this.token = token;
        this.pages = pages;
    }

    /**
     * The endpoint of a daemon that tells its own metrics and nothing else. Where nothing is to be
     * told, nothing is loaded.
     *
     * @param tell adds the daemon's figures to those that each has
     */
    public static MetricsEndpoint startOwn(Options options, String program, Consumer<Metrics> tell)
            throws IOException, Options.Ended {
        if (options.value(LISTEN.name()).isEmpty()) {
            return new MetricsEndpoint(Optional.empty(), _ -> Optional.empty());
        }
        var metrics = new Metrics(program);
        tell.accept(metrics);
        return start(options, metrics);
    }

    /** The endpoint of a daemon that tells its own metrics and nothing else. */
    public static MetricsEndpoint start(Options options, Metrics metrics)
            throws IOException, Options.Ended {
        return start(options, "none", ofMetrics(metrics));
    }

    /** Only {@code /metrics}, of {@code metrics}. */
    public static Pages ofMetrics(Metrics metrics) {
        return request -> {
            if (!request.path().equals("/metrics")) {
                return Optional.empty();
            }
            boolean open = wantsOpenMetrics(request);
            byte[] text = metrics.text(open).getBytes(StandardCharsets.UTF_8);
            return Optional.of(
                    new HttpHandler.Typed(
                            200,
                            Metrics.mediaType(open),
                            Map.of(),
                            Bytes.view(text, 0, text.length)));
        };
    }

    /**
     * Listens where the options say.
     *
     * @param otherwise where, if they say nothing; what of that cannot be had is done without
     */
    public static MetricsEndpoint start(Options options, String otherwise, Pages pages)
            throws IOException, Options.Ended {
        Optional<String> given = options.value(LISTEN.name());
        String text = given.orElse(otherwise);
        Optional<String> why = Where.problem(text);
        if (why.isPresent()) {
            throw Options.wrongValue(LISTEN.name(), why.get());
        }
        Optional<String> file = options.value(TOKEN.name());
        var endpoint =
                new MetricsEndpoint(
                        file.isPresent() ? Optional.of(token(Path.of(file.get()))) : file, pages);
        for (Where where : Where.parse(text)) {
            try {
                endpoint.listen(where);
            } catch (IOException e) {
                if (given.isPresent()) {
                    endpoint.close();
                    throw e;
                }
                log().warn("no metrics on {}: {}", where, e.getMessage());
            }
        }
        return endpoint;
    }

    private static String token(Path file) throws IOException {
        if (Files.size(file) > TOKEN_BYTES_MAX) {
            throw new IOException(file + " is longer than " + TOKEN_BYTES_MAX + " bytes");
        }
        String token = Files.readString(file).strip();
        if (token.isEmpty()) {
            throw new IOException(file + " holds no token");
        }
        return token;
    }

    private void listen(Where where) throws IOException {
        Listener listener;
        HttpServer server;
        switch (where) {
            case Where.Socket(var path) -> {
                listener = Listener.open(path);
                server = new HttpServer(request -> answer(request, true));
                log().info("metrics on {}", path);
            }
            case Where.Port port -> {
                if (!port.isLoopback() && token.isEmpty()) {
                    throw new IOException(
                            port.host() + " can be reached by others: give " + TOKEN.name());
                }
                listener = Listener.openTcp(port.address());
                server = new HttpServer(request -> answer(request, false));
                log().info("metrics on http://{}:{}/metrics", port.host(), listener.port());
            }
        }
        listeners.add(listener);
        servers.add(server);
        listener.start(server);
    }

    private HttpHandler.Answer answer(HttpHandler.Request request, boolean trusted)
            throws IOException, InterruptedException {
        if (!trusted && token.isPresent() && !hasToken(request, token.get())) {
            return text(
                    401, "a token is needed", Map.of("WWW-Authenticate", "Basic realm=\"vmm\""));
        }
        if (!trusted && token.isEmpty() && !isLocal(request)) {
            return text(403, "this answers to names of this machine only", Map.of());
        }
        if (!request.method().equals("GET")) {
            return text(405, "only GET is known here", Map.of("Allow", "GET"));
        }
        return pages.answer(request).orElseGet(() -> text(404, "there is no such page", Map.of()));
    }

    private static boolean hasToken(HttpHandler.Request request, String token) {
        String given = request.headers().getOrDefault("authorization", "");
        return same(given, "Bearer " + token)
                || (given.startsWith(BASIC) && same(password(given), token));
    }

    /** Browsers ask for a password: the token is one, whatever the user is called. */
    private static String password(String authorization) {
        try {
            byte[] pair = Base64.getDecoder().decode(authorization.substring(BASIC.length()));
            String text = new String(pair, StandardCharsets.UTF_8);
            return text.substring(text.indexOf(':') + 1);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static boolean same(String given, String wanted) {
        return MessageDigest.isEqual(
                given.getBytes(StandardCharsets.UTF_8), wanted.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean isLocal(HttpHandler.Request request) {
        String host = request.headers().getOrDefault("host", "");
        int colon = host.lastIndexOf(':');
        return LOCAL_NAMES.contains(
                colon > host.lastIndexOf(']') ? host.substring(0, colon) : host);
    }

    /** True if the one who asks prefers OpenMetrics to the older text. */
    public static boolean wantsOpenMetrics(HttpHandler.Request request) {
        return request.headers().getOrDefault("accept", "").contains("application/openmetrics");
    }

    /** A line of text as an answer. */
    public static HttpHandler.Typed text(int status, String line, Map<String, String> headers) {
        return new HttpHandler.Typed(
                status,
                "text/plain; charset=utf-8",
                headers,
                Bytes.of((line + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void close() throws IOException {
        for (Listener listener : listeners) {
            listener.close();
        }
        for (HttpServer server : servers) {
            server.close();
        }
    }

    /** Not a constant: whoever only asks for the options would load all of Log4j. */
    private static Logger log() {
        return LogManager.getLogger(MetricsEndpoint.class);
    }
}
