import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The one source of the dashboards beside it: {@code java etc/grafana/Dashboards.java DIR} writes
 * them. A test checks that they are as written and that every metric they use exists.
 */
public final class Dashboards {
    /** A panel: a title, a unit of Grafana's, and queries with their legends. */
    record Panel(String title, String unit, String kind, String... queries) {}

    private static final String UNIKERNEL = "{path=~\"$path\",unikernel=~\"$unikernel\"}";
    private static final String PATH = "{path=~\"$path\"}";

    private Dashboards() {}

    public static void main(String... arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        write(folder, "host", "vmm: host", List.of(), host());
        write(folder, "tenant", "vmm: tenant", List.of("path"), tenant());
        write(folder, "unikernel", "vmm: unikernel", List.of("path", "unikernel"), unikernel());
    }

    private static List<Panel> host() {
        return List.of(
                new Panel("Unikernels that run", "short", "stat", "sum(vmm_unikernel_running)", ""),
                new Panel("Not running", "short", "stat", "count(vmm_unikernel_running == 0) or vector(0)", ""),
                new Panel("CPUs in use", "short", "stat", "sum(unikernel:vmm_cpu:rate5m)", ""),
                new Panel("Memory in use", "bytes", "stat", "sum(vmm_unikernel_resident_memory_bytes)", ""),
                new Panel("CPU by path", "short", "timeseries", "path:vmm_cpu:rate5m", "{{path}}"),
                new Panel("Memory by path", "bytes", "timeseries", "path:vmm_resident_memory_bytes:sum", "{{path}}"),
                new Panel("Busiest unikernels", "short", "timeseries",
                        "topk(10, unikernel:vmm_cpu:rate5m)", "{{path}}{{unikernel}}"),
                new Panel("Most traffic", "Bps", "timeseries",
                        "topk(10, unikernel:vmm_network_sent_bytes:rate5m + unikernel:vmm_network_received_bytes:rate5m)",
                        "{{path}}{{unikernel}}"),
                new Panel("Policies: memory used", "percentunit", "timeseries", "policy:vmm_memory:ratio", "{{path}}"),
                new Panel("Starts in ten minutes", "short", "timeseries",
                        "increase(vmm_unikernel_starts_total[10m]) > 1", "{{path}}{{unikernel}}"),
                new Panel("Failures one after another", "short", "timeseries",
                        "vmm_unikernel_failures > 0", "{{path}}{{unikernel}}"),
                new Panel("What vmmd did", "ops", "timeseries", "rate(vmm_events_total[5m])", "{{event}}"),
                new Panel("Daemons", "short", "timeseries", "up{job=\"vmm\"}", "{{daemon}}"),
                new Panel("Daemons: memory", "bytes", "timeseries",
                        "process_resident_memory_bytes{job=\"vmm\"}", "{{daemon}}"),
                new Panel("Daemons: CPU", "short", "timeseries",
                        "rate(process_cpu_seconds_total{job=\"vmm\"}[5m])", "{{daemon}}"),
                new Panel("Daemons: heap", "bytes", "timeseries",
                        "sum by (daemon) (jvm_memory_used_bytes{area=\"heap\"})", "{{daemon}}"),
                new Panel("A look at all processes", "s", "timeseries", "vmm_stats_pass_cpu_seconds", "CPU time"),
                new Panel("Age of the newest samples", "s", "timeseries", "vmm_stats_sample_age_seconds", "age"),
                new Panel("Lost", "short", "timeseries",
                        "rate(vmm_console_lost_lines_total[5m])", "console lines",
                        "rate(vmm_stats_lost_samples_total[5m])", "samples"),
                new Panel("Certificates expire in", "s", "timeseries",
                        "vmm_certificate_expiry_time_seconds - time()", "{{file}}"));
    }

    private static List<Panel> tenant() {
        return List.of(
                new Panel("Unikernels", "short", "timeseries",
                        "vmm_policy_unikernels" + PATH, "used {{path}}",
                        "vmm_policy_unikernels_limit" + PATH, "allowed {{path}}"),
                new Panel("Memory given", "bytes", "timeseries",
                        "vmm_policy_memory_bytes" + PATH, "used {{path}}",
                        "vmm_policy_memory_limit_bytes" + PATH, "allowed {{path}}"),
                new Panel("Block storage", "bytes", "timeseries",
                        "vmm_policy_block_bytes" + PATH, "used {{path}}",
                        "vmm_policy_block_limit_bytes" + PATH, "allowed {{path}}"),
                new Panel("CPUs allowed", "short", "stat", "vmm_policy_cpus_limit" + PATH, "{{path}}"),
                new Panel("CPU", "short", "timeseries", "unikernel:vmm_cpu:rate5m" + PATH, "{{unikernel}}"),
                new Panel("Memory in use", "bytes", "timeseries",
                        "vmm_unikernel_resident_memory_bytes" + PATH, "{{unikernel}}"),
                new Panel("Sent", "Bps", "timeseries",
                        "unikernel:vmm_network_sent_bytes:rate5m" + PATH, "{{unikernel}}"),
                new Panel("Received", "Bps", "timeseries",
                        "unikernel:vmm_network_received_bytes:rate5m" + PATH, "{{unikernel}}"),
                new Panel("Block devices", "bytes", "timeseries",
                        "vmm_block_device_size_bytes" + PATH, "{{device}}"),
                new Panel("Block devices in use", "short", "timeseries",
                        "vmm_block_device_active" + PATH, "{{device}}"));
    }

    private static List<Panel> unikernel() {
        return List.of(
                new Panel("Running", "short", "stat", "vmm_unikernel_running" + UNIKERNEL, ""),
                new Panel("Started", "dateTimeFromNow", "stat",
                        "vmm_unikernel_start_time_seconds" + UNIKERNEL + " * 1000", ""),
                new Panel("Starts", "short", "stat", "vmm_unikernel_starts_total" + UNIKERNEL, ""),
                new Panel("Image", "short", "stat", "vmm_unikernel_info" + UNIKERNEL, "{{digest}}"),
                new Panel("CPU", "short", "timeseries",
                        "rate(vmm_unikernel_cpu_seconds_total" + UNIKERNEL + "[5m])", "{{mode}}"),
                new Panel("Memory", "bytes", "timeseries",
                        "vmm_unikernel_resident_memory_bytes" + UNIKERNEL, "in use",
                        "vmm_unikernel_resident_memory_peak_bytes" + UNIKERNEL, "peak",
                        "vmm_unikernel_memory_limit_bytes" + UNIKERNEL, "given",
                        "vmm_unikernel_virtual_memory_bytes" + UNIKERNEL, "address space"),
                new Panel("Held back by its CPU limit", "percentunit", "timeseries",
                        "rate(vmm_unikernel_cpu_throttled_seconds_total" + UNIKERNEL + "[5m])", "{{unikernel}}"),
                new Panel("Control group: memory", "bytes", "timeseries",
                        "vmm_unikernel_cgroup_memory_bytes" + UNIKERNEL, "charged",
                        "vmm_unikernel_cgroup_memory_limit_bytes" + UNIKERNEL + " < Inf", "allowed"),
                new Panel("Failures one after another", "short", "timeseries",
                        "vmm_unikernel_failures" + UNIKERNEL, "{{unikernel}}"),
                new Panel("Traffic", "Bps", "timeseries",
                        "rate(vmm_unikernel_network_sent_bytes_total" + UNIKERNEL + "[5m])", "sent {{device}}",
                        "rate(vmm_unikernel_network_received_bytes_total" + UNIKERNEL + "[5m])", "received {{device}}"),
                new Panel("Packets", "pps", "timeseries",
                        "rate(vmm_unikernel_network_sent_packets_total" + UNIKERNEL + "[5m])", "sent {{device}}",
                        "rate(vmm_unikernel_network_received_packets_total" + UNIKERNEL + "[5m])", "received {{device}}"),
                new Panel("Dropped and broken", "pps", "timeseries",
                        "rate(vmm_unikernel_network_dropped_packets_total" + UNIKERNEL + "[5m])", "dropped {{direction}}",
                        "rate(vmm_unikernel_network_errors_total" + UNIKERNEL + "[5m])", "errors {{direction}}"),
                new Panel("Disks", "Bps", "timeseries",
                        "rate(vmm_unikernel_storage_read_bytes_total" + UNIKERNEL + "[5m])", "read",
                        "rate(vmm_unikernel_storage_written_bytes_total" + UNIKERNEL + "[5m])", "written"),
                new Panel("System calls", "Bps", "timeseries",
                        "rate(vmm_unikernel_io_read_bytes_total" + UNIKERNEL + "[5m])", "read",
                        "rate(vmm_unikernel_io_written_bytes_total" + UNIKERNEL + "[5m])", "written"),
                new Panel("Switches and faults", "ops", "timeseries",
                        "rate(vmm_unikernel_context_switches_total" + UNIKERNEL + "[5m])", "switches {{kind}}",
                        "rate(vmm_unikernel_page_faults_total" + UNIKERNEL + "[5m])", "faults {{kind}}"),
                new Panel("KVM", "ops", "timeseries",
                        "rate(vmm_unikernel_kvm" + UNIKERNEL + "[5m])", "{{counter}}"));
    }

    private static void write(
            Path folder, String uid, String title, List<String> variables, List<Panel> panels)
            throws IOException {
        var parts = new ArrayList<String>();
        int y = 0;
        int x = 0;
        for (int i = 0; i < panels.size(); i++) {
            Panel panel = panels.get(i);
            boolean stat = panel.kind().equals("stat");
            int width = stat ? 6 : 12;
            int height = stat ? 4 : 8;
            if (x + width > 24) {
                x = 0;
                y += 8;
            }
            parts.add(panel(i + 1, panel, x, y, width, height));
            x += width;
        }
        var names = new ArrayList<String>();
        for (String variable : variables) {
            String among = variable.equals("path") ? "vmm_unikernel_running" : "vmm_unikernel_running{path=~\"$path\"}";
            names.add(
                    """
                        {"name": "%s", "type": "query", "multi": true, "includeAll": true,
                         "datasource": {"type": "prometheus", "uid": "${datasource}"},
                         "query": "label_values(%s, %s)", "refresh": 2, "sort": 1}"""
                            .formatted(variable, escaped(among), variable));
        }
        names.addFirst(
                """
                    {"name": "datasource", "type": "datasource", "query": "prometheus"}""");
        Files.writeString(
                folder.resolve(uid + ".json"),
                """
                {
                  "uid": "vmm-%s",
                  "title": "%s",
                  "tags": ["vmm"],
                  "timezone": "browser",
                  "schemaVersion": 39,
                  "refresh": "30s",
                  "time": {"from": "now-6h", "to": "now"},
                  "templating": {
                    "list": [
                %s
                    ]
                  },
                  "panels": [
                %s
                  ]
                }
                """
                        .formatted(
                                uid, title, String.join(",\n", names), String.join(",\n", parts)));
    }

    private static String panel(int id, Panel panel, int x, int y, int width, int height) {
        var targets = new ArrayList<String>();
        for (int i = 0; i < panel.queries().length; i += 2) {
            targets.add(
                    """
                            {"refId": "%c", "expr": "%s", "legendFormat": "%s"}"""
                            .formatted(
                                    'A' + (i / 2),
                                    escaped(panel.queries()[i]),
                                    escaped(panel.queries()[i + 1])));
        }
        return """
                    {
                      "id": %d,
                      "type": "%s",
                      "title": "%s",
                      "datasource": {"type": "prometheus", "uid": "${datasource}"},
                      "gridPos": {"x": %d, "y": %d, "w": %d, "h": %d},
                      "fieldConfig": {"defaults": {"unit": "%s", "min": 0}, "overrides": []},
                      "targets": [
                %s
                      ]
                    }"""
                .formatted(
                        id, panel.kind(), panel.title(), x, y, width, height, panel.unit(),
                        String.join(",\n", targets));
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
