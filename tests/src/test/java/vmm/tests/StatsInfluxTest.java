package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.wire.Command;

/** Lines over TCP, and a real InfluxDB that takes them. */
class StatsInfluxTest {
    private final HttpClient client = HttpClient.newHttpClient();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private Process influxd;
    private StatsProcess stats;
    @TempDir private Path home;

    @AfterEach
    void stop() throws InterruptedException {
        if (stats != null) {
            stats.close();
        }
        if (influxd != null) {
            influxd.destroy();
            influxd.waitFor();
        }
        client.close();
    }

    private static ServerSocket listen() throws IOException {
        return new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = listen()) {
            return free.getLocalPort();
        }
    }

    private int startInflux() throws IOException {
        int port = freePort();
        Path config =
                Files.writeString(
                        home.resolve("influxdb.conf"),
                        """
                        reporting-disabled = true
                        bind-address = "127.0.0.1:%d"
                        [meta]
                          dir = "%s/meta"
                        [data]
                          dir = "%s/data"
                          wal-dir = "%s/wal"
                        [monitor]
                          store-enabled = false
                        [http]
                          bind-address = "127.0.0.1:%d"
                        """
                                .formatted(freePort(), home, home, home, port));
        influxd =
                new ProcessBuilder("influxd", "-config", config.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(home.resolve("influxd.log").toFile())
                        .start();
        Suite.await("influxd answers", () -> post(port, "/query", "q=SHOW DATABASES") == 200);
        assertThat(post(port, "/query", "q=CREATE DATABASE vmm")).isEqualTo(200);
        return port;
    }

    private int post(int port, String path, String body) {
        try {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                    .header("Content-Type", "application/x-www-form-urlencoded")
                                    .POST(HttpRequest.BodyPublishers.ofString(body))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .statusCode();
        } catch (IOException notYet) {
            return 0;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private String query(int port, String query) throws IOException, InterruptedException {
        String path = "/query?db=vmm&q=" + URLEncoder.encode(query, StandardCharsets.UTF_8);
        URI uri = URI.create("http://127.0.0.1:" + port + path);
        return client.send(
                        HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** Hands every line on: this InfluxDB takes them over HTTP alone. */
    private void relay(ServerSocket from, int to) {
        try (Socket socket = from.accept();
                var reader =
                        new BufferedReader(
                                new InputStreamReader(
                                        socket.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (post(to, "/write?db=vmm", line) != 204) {
                    failures.add(line);
                }
            }
        } catch (IOException e) {
            failures.add(String.valueOf(e.getMessage()));
        }
    }

    @Test
    void realInfluxDb_takesEveryLine() throws Exception {
        assumeTrue(StatsProcess.isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        assumeTrue(Guests.program("influxd").isPresent(), "influxdb is not installed");
        int port = startInflux();
        try (ServerSocket lines = listen()) {
            Thread.ofVirtual().start(() -> relay(lines, port));
            stats =
                    StatsProcess.start(
                            home, List.of(), "--influx", "127.0.0.1:" + lines.getLocalPort());
            stats.add(
                    List.of("a:hello"),
                    ProcessHandle.current().pid(),
                    new Command.Tap("service, with=signs", "lo"));
            var queries = new ArrayList<String>();
            queries.add("SELECT last(utime) FROM resource_usage WHERE vm='hello'");
            queries.add("SELECT last(vsize) FROM kinfo_mem WHERE vm='hello'");
            queries.add(
                    "SELECT last(vm_to_host_bytes) FROM interface"
                            + " WHERE bridge='service, with=signs'");
            for (String query : queries) {
                Suite.await(query, () -> answers(port, query));
            }
        }
        assertThat(failures).isEmpty();
    }

    private boolean answers(int port, String query) {
        try {
            return query(port, query).contains("\"values\"");
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void linesGoOn_whereTheConnectionWasLost() throws Exception {
        assumeTrue(StatsProcess.isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        try (ServerSocket lines = listen()) {
            stats =
                    StatsProcess.start(
                            home, List.of(), "--influx", "127.0.0.1:" + lines.getLocalPort());
            stats.add(List.of("hello"), ProcessHandle.current().pid());
            for (int i = 0; i < 3; i++) {
                try (Socket socket = lines.accept();
                        var reader =
                                new BufferedReader(
                                        new InputStreamReader(
                                                socket.getInputStream(), StandardCharsets.UTF_8))) {
                    assertThat(reader.readLine()).startsWith("resource_usage,vm=hello utime=");
                }
            }
        }
    }
}
