package vmm.tests;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import vmm.core.Bytes;

/** A host that tells where images came from and what was built since, on loopback. */
final class BuilderWeb implements AutoCloseable {
    private final HttpServer server;
    private final Map<String, String> builds = new LinkedHashMap<>();
    private volatile String latest = "";
    private volatile byte[] binary = {};
    private volatile boolean torn;
    final List<String> asked = new CopyOnWriteArrayList<>();

    BuilderWeb() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Says that this image came from build {@code uuid} of the job. */
    void knows(Bytes digest, String uuid) {
        builds.put(digest.hex(), uuid);
    }

    void latest(String uuid, byte[] content) {
        latest = uuid;
        binary = content.clone();
    }

    /** From now on binaries break off in the middle. */
    void tear() {
        torn = true;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String uri = exchange.getRequestURI().toString();
        asked.add(uri);
        String build = builds.get(uri.replace("/hash?sha256=", ""));
        if (build != null) {
            redirect(exchange, build);
        } else if (uri.equals("/job/ticker/build/latest")) {
            redirect(exchange, latest);
        } else if (uri.equals("/job/ticker/build/" + latest + "/main-binary")) {
            exchange.sendResponseHeaders(200, binary.length);
            try (OutputStream body = exchange.getResponseBody()) {
                body.write(binary, 0, torn ? binary.length / 2 : binary.length);
                body.flush();
            }
        } else {
            exchange.sendResponseHeaders(404, -1);
        }
        exchange.close();
    }

    private static void redirect(HttpExchange exchange, String uuid) throws IOException {
        exchange.getResponseHeaders().add("Location", "/job/ticker/build/" + uuid + "/");
        exchange.sendResponseHeaders(303, -1);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
