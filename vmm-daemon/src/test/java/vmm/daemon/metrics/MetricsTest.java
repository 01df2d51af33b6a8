package vmm.daemon.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MetricsTest {
    @Test
    void text_tellsWhatWasAdded_beforeTheFirstScrape_andAfter() {
        var metrics = new Metrics("vmm-test");
        var lines = new AtomicLong(3);
        metrics.counted("vmm.test.lines", "Lines.", lines::get);
        metrics.gauge("vmm.test.open", "What is open.", "kind", "fifo", () -> 2);
        assertThat(metrics.text(false))
                .contains("vmm_test_lines_total 3.0\n", "vmm_test_open{kind=\"fifo\"} 2.0\n")
                .contains("vmm_daemon_info{program=\"vmm-test\",version=\"unpackaged\"} 1")
                .contains("jvm_memory_used_bytes{", "process_cpu_seconds_total ");
        lines.incrementAndGet();
        metrics.gauge("vmm.test.late", "What came later.", () -> 1);
        assertThat(metrics.text(false))
                .contains("vmm_test_lines_total 4.0\n", "vmm_test_late 1.0\n");
    }

    @Test
    void openMetrics_endsAsItMust() {
        assertThat(new Metrics("vmm-test").text(true)).endsWith("# EOF\n");
    }
}
