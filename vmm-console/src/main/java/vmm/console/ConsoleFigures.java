package vmm.console;

import java.util.concurrent.atomic.LongAdder;
import vmm.daemon.metrics.Metrics;

/**
 * What vmm-console counts of itself.
 *
 * @param lines read from unikernels
 * @param lost lines that subscribers did not get because they read too slowly
 * @param subscribers that are there now
 */
record ConsoleFigures(LongAdder lines, LongAdder lost, LongAdder subscribers) {
    ConsoleFigures() {
        this(new LongAdder(), new LongAdder(), new LongAdder());
    }

    void tell(Metrics metrics, Fifos fifos) {
        metrics.counted("vmm.console.lines", "Lines read from unikernels.", lines::sum);
        metrics.counted(
                "vmm.console.lost.lines",
                "Lines that subscribers did not get because they read too slowly.",
                lost::sum);
        metrics.gauge("vmm.console.subscribers", "Subscribers there are.", subscribers::sum);
        metrics.gauge("vmm.console.fifos", "Unikernels that are read.", fifos::reading);
    }
}
