package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.stats.export.Family;
import vmm.wire.Command;

/** What is made for Prometheus and Grafana, with a real Prometheus where there is one. */
class StatsPrometheusTest {
    private static final Path ETC = House.ROOT.resolve("etc/prometheus");
    private static final Path GRAFANA = House.ROOT.resolve("etc/grafana");
    private static final Pattern METRIC =
            Pattern.compile(
                    "\\b(?:(?:path|unikernel|policy):)?(?:vmm|jvm|process)_[a-z0-9_]+(?::[a-z0-9]+)?");
    private static final Pattern RECORD = Pattern.compile("- record: (\\S+)");

    private final List<Process> processes = new ArrayList<>();
    private StatsProcess stats;
    @TempDir private Path home;

    @AfterEach
    void stop() throws InterruptedException {
        if (stats != null) {
            stats.close();
        }
        for (Process process : processes) {
            process.destroy();
            process.waitFor();
        }
    }

    private void startStats() throws IOException {
        assumeTrue(StatsProcess.isPackaged(), "dist/bin is missing: ./mvnw package makes it");
        stats = StatsProcess.start(home, List.of());
        stats.add(
                List.of("a:hello"),
                ProcessHandle.current().pid(),
                new Command.Tap("service", "lo"));
        Suite.await(
                "it is looked at",
                () ->
                        stats.metric(
                                        "vmm_unikernel_resident_memory_bytes{path=\"a:\",unikernel=\"hello\"}")
                                .isPresent());
    }

    private static String run(Path folder, String... command) throws Exception {
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }

    private static void assumePromtool() {
        assumeTrue(
                Guests.program("promtool").isPresent() && Guests.program("prometheus").isPresent(),
                "prometheus is not installed");
    }

    @Test
    void rules_areValid_andFireAsTheirTestsSay() throws Exception {
        assumePromtool();
        run(ETC, "promtool", "check", "config", "prometheus.yml");
        run(ETC, "promtool", "check", "rules", "vmm.rules.yml");
        run(ETC, "promtool", "test", "rules", "vmm.rules.test.yml");
    }

    @Test
    void everyAlert_hasATest() throws IOException {
        String rules = Files.readString(ETC.resolve("vmm.rules.yml"));
        String tests = Files.readString(ETC.resolve("vmm.rules.test.yml"));
        Matcher alert = Pattern.compile("- alert: (\\S+)").matcher(rules);
        while (alert.find()) {
            assertThat(tests).contains("alertname: " + alert.group(1));
        }
    }

    @Test
    void dashboards_areAsTheirSourceSays() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        run(GRAFANA, java, "Dashboards.java", home.toString());
        for (String name : List.of("host.json", "tenant.json", "unikernel.json")) {
            assertThat(GRAFANA.resolve(name)).hasSameTextualContentAs(home.resolve(name));
        }
    }

    @Test
    void metricsOfRulesAndDashboards_allExist() throws Exception {
        startStats();
        Path console = home.resolve("console-metrics.sock");
        processes.add(
                new ProcessBuilder(
                                House.ROOT.resolve("dist/bin/vmm-console").toString(),
                                "--tmpdir",
                                home.toString(),
                                "--metrics-listen",
                                console.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(home.resolve("console.log").toFile())
                        .start());
        Suite.await("vmm-console tells metrics", () -> Suite.accepts(console));
        var told = new TreeSet<String>();
        for (Family family : Family.values()) {
            told.add(family.metric());
        }
        told.addAll(names(stats.get("/metrics")));
        told.addAll(names(StatsProcess.get(console, "/metrics")));
        told.addAll(List.of("vmm_certificate_expiry_time_seconds", "vmm_events_total"));
        Matcher record = RECORD.matcher(Files.readString(ETC.resolve("vmm.rules.yml")));
        while (record.find()) {
            told.add(record.group(1));
        }
        var used = new TreeSet<String>();
        for (Path file :
                List.of(
                        ETC.resolve("vmm.rules.yml"),
                        GRAFANA.resolve("host.json"),
                        GRAFANA.resolve("tenant.json"),
                        GRAFANA.resolve("unikernel.json"))) {
            Matcher metric = METRIC.matcher(Files.readString(file));
            while (metric.find()) {
                used.add(metric.group());
            }
        }
        assertThat(used).hasSizeGreaterThan(30);
        assertThat(told).containsAll(used);
    }

    private static Set<String> names(String scrape) {
        var names = new TreeSet<String>();
        scrape.lines()
                .filter(line -> line.matches("[a-z_]+[{ ].*"))
                .forEach(line -> names.add(line.replaceAll("[{ ].*", "")));
        return names;
    }

    @Test
    void scrape_isCleanForPromtool_inBothForms() throws Exception {
        startStats();
        assumePromtool();
        String text = stats.get("/metrics");
        String body = text.substring(text.indexOf("\r\n\r\n") + 4);
        Process check =
                new ProcessBuilder("promtool", "check", "metrics")
                        .redirectErrorStream(true)
                        .start();
        processes.add(check);
        try (var out = check.getOutputStream()) {
            out.write(body.getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(check.waitFor()).as(said).isZero();
        String open =
                stats.get("/metrics", "Accept: application/openmetrics-text;version=1.0.0\r\n");
        assertThat(open).contains("application/openmetrics-text").endsWith("# EOF\n");
        assertThat(open.indexOf("# EOF")).isEqualTo(open.length() - "# EOF\n".length());
    }

    @Test
    void realPrometheus_scrapes_andItsRulesFire() throws Exception {
        assumePromtool();
        startStats();
        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        String config =
                Files.readString(ETC.resolve("prometheus.yml"))
                        .replace("127.0.0.1:9761", "127.0.0.1:" + stats.port())
                        .replace("15s", "1s");
        Files.writeString(home.resolve("prometheus.yml"), config);
        String rules = Files.readString(ETC.resolve("vmm.rules.yml"));
        Files.writeString(home.resolve("vmm.rules.yml"), rules.replaceAll("for: \\d+m", "for: 2s"));
        processes.add(
                new ProcessBuilder(
                                "prometheus",
                                "--config.file=" + home.resolve("prometheus.yml"),
                                "--storage.tsdb.path=" + home.resolve("tsdb"),
                                "--web.listen-address=127.0.0.1:" + port)
                        .redirectErrorStream(true)
                        .redirectOutput(home.resolve("prometheus.log").toFile())
                        .start());
        awaitQuery(port, "up{daemon=\"vmm-stats\"} == 1", "\"vmm-stats\"");
        awaitQuery(
                port,
                "vmm_unikernel_cpu_seconds_total{path=\"a:\",unikernel=\"hello\",mode=\"user\"}",
                "\"hello\"");
        awaitQuery(port, "path:vmm_resident_memory_bytes:sum", "\"a:\"");
        awaitQuery(port, "ALERTS{alertname=\"VmmStatsWithoutVmmd\"}", "firing");
    }

    private static void awaitQuery(int port, String query, String expected) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            Suite.await(query, () -> answer(client, port, query).contains(expected));
        }
    }

    private static String answer(HttpClient client, int port, String query) {
        String url =
                "http://127.0.0.1:"
                        + port
                        + "/api/v1/query?query="
                        + URLEncoder.encode(query, StandardCharsets.UTF_8);
        try {
            return client.send(
                            HttpRequest.newBuilder(URI.create(url)).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException notYet) {
            return "";
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
