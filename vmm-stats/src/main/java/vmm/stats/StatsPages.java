package vmm.stats;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import vmm.daemon.http.HttpHandler;
import vmm.daemon.metrics.Metrics;
import vmm.daemon.metrics.MetricsEndpoint;
import vmm.stats.core.Facts;
import vmm.stats.core.Newest;
import vmm.stats.export.Exposition;

/** What vmm-stats says over HTTP. A scrape reads the newest readings; it never takes any. */
final class StatsPages implements MetricsEndpoint.Pages {
    private static final String EOF = "# EOF\n";

    private final Metrics metrics;
    private final Supplier<Newest> newest;
    private final Supplier<Facts> facts;
    private final MetricsEndpoint.Pages people;

    /**
     * @param people the pages beside the metrics
     */
    StatsPages(
            Metrics metrics,
            Supplier<Newest> newest,
            Supplier<Facts> facts,
            MetricsEndpoint.Pages people) {
        this.people = people;
        this.metrics = metrics;
        this.newest = newest;
        this.facts = facts;
    }

    @Override
    public Optional<HttpHandler.Answer> answer(HttpHandler.Request request)
            throws IOException, InterruptedException {
        return switch (request.path()) {
            case "/metrics" -> Optional.of(scrape(request));
            default -> people.answer(request);
        };
    }

    private HttpHandler.Answer scrape(HttpHandler.Request request) {
        boolean open = MetricsEndpoint.wantsOpenMetrics(request);
        String own = metrics.text(open);
        String before = own.endsWith(EOF) ? own.substring(0, own.length() - EOF.length()) : own;
        return new HttpHandler.Written(
                200,
                Metrics.mediaType(open),
                out -> Exposition.write(out, before, newest.get(), facts.get(), open));
    }
}
