package vmm.daemon.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one daemon counts of itself, beside the figures of its JVM. Names are written with dots and
 * without a suffix: {@code vmm.console.lines} is told as {@code vmm_console_lines_total}. Any
 * thread.
 */
public final class Metrics {
    private static final String OPEN_METRICS =
            "application/openmetrics-text; version=1.0.0; charset=utf-8";
    private static final String PLAIN = "text/plain; version=0.0.4; charset=utf-8";

    private static final double NANOS_PER_SECOND = 1e9;
    private static final long KIB = 1024;

    /** The registry holds what it asks by weak references only. */
    private final List<DoubleSupplier> asked = new CopyOnWriteArrayList<>();

    /** What the registry does not know yet: it is made when somebody asks, not at the start. */
    private final Queue<Consumer<MeterRegistry>> untold = new ConcurrentLinkedQueue<>();

    private @Nullable PrometheusMeterRegistry registry;

    /**
     * @param program the daemon's name
     */
    public Metrics(String program) {
        untold.add(Metrics::ofJvm);
        counted("process.cpu.seconds", "CPU time this process used.", Metrics::cpuSeconds);
        gauge(
                "process.resident.memory.bytes",
                "Memory of this process that is in use.",
                Metrics::residentBytes);
        String version = Metrics.class.getPackage().getImplementationVersion();
        untold.add(
                registry ->
                        Gauge.builder("vmm.daemon.info", () -> 1)
                                .strongReference(true)
                                .description("Which daemon this is.")
                                .tag("program", program)
                                .tag("version", version == null ? "unpackaged" : version)
                                .register(registry));
    }

    private static void ofJvm(MeterRegistry registry) {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    private static double cpuSeconds() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(used -> used.toNanos() / NANOS_PER_SECOND)
                .orElse(Double.NaN);
    }

    private static double residentBytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * KIB)
                    .findFirst()
                    .orElse(0);
        } catch (IOException | UncheckedIOException e) {
            return Double.NaN;
        }
    }

    /** A number that only grows and is kept elsewhere. It must not wait for anything. */
    public void counted(String name, String help, DoubleSupplier value) {
        counted(name, help, Tags.empty(), value);
    }

    /** As {@link #counted}, one of several that a label tells apart. */
    public void counted(String name, String help, String label, String of, DoubleSupplier value) {
        counted(name, help, Tags.of(label, of), value);
    }

    private void counted(String name, String help, Tags tags, DoubleSupplier value) {
        asked.add(value);
        untold.add(
                registry ->
                        FunctionCounter.builder(name, value, DoubleSupplier::getAsDouble)
                                .description(help)
                                .tags(tags)
                                .register(registry));
    }

    /** A number that is kept elsewhere and asked for at each scrape. It must not wait. */
    public void gauge(String name, String help, DoubleSupplier value) {
        gauge(name, help, Tags.empty(), value);
    }

    /** As {@link #gauge}, one of several that a label tells apart. */
    public void gauge(String name, String help, String label, String of, DoubleSupplier value) {
        gauge(name, help, Tags.of(label, of), value);
    }

    private void gauge(String name, String help, Tags tags, DoubleSupplier value) {
        untold.add(
                registry ->
                        Gauge.builder(name, value::getAsDouble)
                                .description(help)
                                .tags(tags)
                                .strongReference(true)
                                .register(registry));
    }

    /** The media type of a scrape. */
    public static String mediaType(boolean openMetrics) {
        return openMetrics ? OPEN_METRICS : PLAIN;
    }

    /** Everything counted, as text; OpenMetrics ends in {@code # EOF}. */
    public String text(boolean openMetrics) {
        return registry().scrape(openMetrics ? OPEN_METRICS : PLAIN);
    }

    private synchronized PrometheusMeterRegistry registry() {
        PrometheusMeterRegistry known = registry;
        if (known == null) {
            known = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
            registry = known;
        }
        for (var meter = untold.poll(); meter != null; meter = untold.poll()) {
            meter.accept(known);
        }
        return known;
    }
}
