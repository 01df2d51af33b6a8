package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.wire.Command;

/** The page for people, as a client without a script reads it and as a browser shows it. */
class StatsPageTest {
    @TempDir private static Path home;
    private static StatsProcess stats;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(StatsProcess.isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        Path token = Files.writeString(home.resolve("token"), "secret-of-a-test\n");
        stats = StatsProcess.start(home, List.of(), "--metrics-token-file", token.toString());
        var names = new ArrayList<>(List.of("a:hello", "a:b:world", "tenant:web"));
        IntStream.range(0, 130).forEach(i -> names.add("many:u" + i));
        stats.add(
                names,
                ProcessHandle.current().pid(),
                new Command.Tap("<script>alert(1)</script>", "lo"));
        Suite.await("rates are known", () -> stats.get("/").contains("polyline points=\"0"));
    }

    @AfterAll
    static void stop() {
        if (stats != null) {
            stats.close();
        }
    }

    @Test
    void tables_needNoScript_andPagesAreBounded() {
        String page = stats.get("/");
        assertThat(page)
                .startsWith("HTTP/1.1 200")
                .contains("Content-Security-Policy: default-src 'none'")
                .contains("<a href=\"/unikernel?name=a:hello\">a:hello</a>")
                .contains("page 1 of 2");
        assertThat(page.split("<tr>", -1).length).isLessThan(110);
        assertThat(stats.get("/?page=2")).contains("tenant:web").doesNotContain("a:hello<");
        assertThat(stats.get("/?path=a:")).contains("a:b:world").doesNotContain("tenant:web");
        assertThat(stats.get("/?path=%3Cscript%3E&page=-1")).doesNotContain("<script>");
    }

    @Test
    void pageOfAUnikernel_escapesWhatComesFromOutside() {
        String page = stats.get("/unikernel?name=a:hello");
        assertThat(page)
                .startsWith("HTTP/1.1 200")
                .contains("&lt;script&gt;alert(1)")
                .doesNotContain("<script>alert");
        assertThat(stats.get("/unikernel?name=nobody")).startsWith("HTTP/1.1 404");
        assertThat(stats.get("/unikernel?name=..%2F..%2Fetc")).startsWith("HTTP/1.1 404");
        assertThat(stats.get("/../../etc/passwd")).startsWith("HTTP/1.1 404");
    }

    @Test
    void port_asksForTheToken_andNothingIsWritten() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI page = URI.create("http://127.0.0.1:" + stats.port() + "/");
            assertThat(status(client, HttpRequest.newBuilder(page))).isEqualTo(401);
            assertThat(
                            status(
                                    client,
                                    HttpRequest.newBuilder(page)
                                            .header("Authorization", "Bearer wrong")))
                    .isEqualTo(401);
            HttpRequest.Builder right =
                    HttpRequest.newBuilder(page).header("Authorization", "Bearer secret-of-a-test");
            assertThat(status(client, right)).isEqualTo(200);
            assertThat(status(client, right.POST(HttpRequest.BodyPublishers.ofString("x"))))
                    .isEqualTo(405);
        }
    }

    private static int status(HttpClient client, HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString()).statusCode();
    }

    @Test
    void strangersName_isNotAnswered_whereThereIsNoToken(@TempDir Path other) throws Exception {
        try (StatsProcess open = StatsProcess.start(other, List.of());
                var socket = new java.net.Socket(InetAddress.getLoopbackAddress(), open.port())) {
            socket.getOutputStream()
                    .write(
                            "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"
                                    .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            byte[] answer = socket.getInputStream().readNBytes(12);
            assertThat(new String(answer, java.nio.charset.StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 403");
        }
    }

    @Test
    void browser_showsIt_lightAndDark(@TempDir Path other) throws Exception {
        Optional<Path> chromium = Guests.program("chromium");
        assumeTrue(chromium.isPresent(), "chromium is not installed");
        try (StatsProcess open = StatsProcess.start(other, List.of())) {
            open.add(List.of("a:hello", "a:b:world"), ProcessHandle.current().pid());
            Suite.await("rates are known", () -> open.get("/").contains("polyline points=\"0"));
            BufferedImage light = shot(chromium.get(), other, open.port(), "light");
            BufferedImage dark =
                    shot(
                            chromium.get(),
                            other,
                            open.port(),
                            "dark",
                            "--force-dark-mode",
                            "--blink-settings=preferredColorScheme=0");
            assertThat(brightness(light)).isGreaterThan(200);
            assertThat(brightness(dark)).isLessThan(80);
        }
    }

    private static BufferedImage shot(
            Path chromium, Path folder, int port, String name, String... more) throws Exception {
        Path file = folder.resolve(name + ".png");
        var command =
                new ArrayList<>(
                        List.of(
                                chromium.toString(),
                                "--headless=new",
                                "--no-sandbox",
                                "--disable-gpu",
                                "--user-data-dir=" + folder.resolve("profile-" + name),
                                "--window-size=1100,700",
                                "--virtual-time-budget=3000",
                                "--screenshot=" + file));
        command.addAll(List.of(more));
        command.add("http://127.0.0.1:" + port + "/");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve(name + ".log").toFile())
                        .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        Path profile = folder.resolve("profile-" + name);
        Suite.await("the last of " + chromium + " has ended", () -> isDeleted(profile));
        return ImageIO.read(file.toFile());
    }

    /** Whoever still writes there makes it fail. */
    private static boolean isDeleted(Path folder) {
        try {
            Suite.delete(folder);
            return true;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private static double brightness(BufferedImage image) {
        long sum = 0;
        for (int x = 0; x < image.getWidth(); x += 7) {
            for (int y = 0; y < image.getHeight(); y += 7) {
                int pixel = image.getRGB(x, y);
                sum += ((pixel >> 16) & 255) + ((pixel >> 8) & 255) + (pixel & 255);
            }
        }
        long samples = ((image.getWidth() + 6) / 7) * (long) ((image.getHeight() + 6) / 7);
        return sum / (3.0 * samples);
    }
}
