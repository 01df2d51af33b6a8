package vmm.stats.page;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.core.Path;
import vmm.core.Policy;
import vmm.daemon.http.HttpHandler;
import vmm.daemon.metrics.MetricsEndpoint;
import vmm.stats.core.Facts;
import vmm.stats.core.Newest;
import vmm.stats.core.Reading;

/** The pages for people: tables that need no script, and a script that keeps them fresh. */
public final class Pages implements MetricsEndpoint.Pages {
    private static final int ROWS_PER_PAGE = 100;
    private static final long MIB = 1024 * 1024;

    /** Nothing from elsewhere, and nobody else's frame around it. */
    private static final Map<String, String> HEADERS =
            Map.of(
                    "Content-Security-Policy",
                    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
                            + " frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
                    "X-Content-Type-Options",
                    "nosniff",
                    "Referrer-Policy",
                    "no-referrer",
                    "Cache-Control",
                    "no-store");

    private final Supplier<Newest> newest;
    private final Supplier<Facts> facts;
    private final History history;
    private final ConsoleTail consoles;
    private final Duration interval;
    private final Clock clock;

    public Pages(
            Supplier<Newest> newest,
            Supplier<Facts> facts,
            History history,
            ConsoleTail consoles,
            Duration interval,
            Clock clock) {
        this.newest = newest;
        this.facts = facts;
        this.history = history;
        this.consoles = consoles;
        this.interval = interval;
        this.clock = clock;
    }

    @Override
    public Optional<HttpHandler.Answer> answer(HttpHandler.Request request) throws IOException {
        return switch (request.path()) {
            case "/" -> Optional.of(html(all(request.query())));
            case "/unikernel" -> unikernel(request.query().getOrDefault("name", ""));
            case "/page.css" -> Optional.of(resource("page.css", "text/css"));
            case "/page.js" -> Optional.of(resource("page.js", "text/javascript"));
            default -> Optional.empty();
        };
    }

    private static HttpHandler.Answer resource(String name, String type) throws IOException {
        try (InputStream in = Pages.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("the program lacks its " + name);
            }
            return new HttpHandler.Typed(
                    200, type + "; charset=utf-8", HEADERS, Bytes.of(in.readAllBytes()));
        }
    }

    private static HttpHandler.Answer html(Html page) {
        byte[] bytes = page.toString().getBytes(StandardCharsets.UTF_8);
        return new HttpHandler.Typed(200, "text/html; charset=utf-8", HEADERS, Bytes.of(bytes));
    }

    private Html open(String title) {
        Newest now = newest.get();
        var page = new Html();
        page.raw("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">");
        page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        page.raw("<title>").text(title).raw("</title>");
        page.raw("<link rel=\"stylesheet\" href=\"/page.css\">");
        page.raw("<script src=\"/page.js\" defer></script></head>");
        page.raw("<body data-seconds=\"" + interval.toSeconds() + "\"><header><h1>");
        page.raw("<a href=\"/\">").text(title).raw("</a></h1>");
        long age = now.pass() == 0 ? 0 : (System.nanoTime() - now.takenNanos()) / 1_000_000_000;
        return page.raw("<span id=\"state\" class=\"quiet\">")
                .text(now.readings().size() + " looked at, " + age + " s ago")
                .raw("</span></header><main>");
    }

    private static Html close(Html page) {
        return page.raw(
                "</main><footer>vmm-stats, read only · <a href=\"/metrics\">metrics</a>"
                        + "</footer></body></html>");
    }

    private Html all(Map<String, String> query) {
        Html page = open("vmm");
        policies(page);
        List<Reading> rows = new ArrayList<>(newest.get().readings());
        String path = query.getOrDefault("path", "");
        if (!path.isEmpty() && Name.problem(path).isEmpty()) {
            Path within = Name.parse(path).path();
            rows.removeIf(reading -> !within.contains(reading.name().path()));
            page.raw("<p>At and below ").text(path).raw(" · <a href=\"/\">everything</a></p>");
        }
        rows.sort(Comparator.comparing(Reading::name));
        int pages = Math.max(1, (rows.size() + ROWS_PER_PAGE - 1) / ROWS_PER_PAGE);
        int number = Math.clamp(number(query.getOrDefault("page", "1")), 1, pages);
        int from = (number - 1) * ROWS_PER_PAGE;
        table(page, rows.subList(from, Math.min(rows.size(), from + ROWS_PER_PAGE)));
        if (pages > 1) {
            steps(page, path, number, pages);
        }
        waiting(page);
        return close(page);
    }

    private static int number(String text) {
        return text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : 1;
    }

    private static void steps(Html page, String path, int number, int pages) {
        String rest = Name.problem(path).isEmpty() ? "&path=" + path : "";
        page.raw("<nav>");
        if (number > 1) {
            page.raw("<a href=\"/?page=" + (number - 1)).text(rest).raw("\">before</a>");
        }
        page.raw("<span class=\"quiet\">page " + number + " of " + pages + "</span>");
        if (number < pages) {
            page.raw("<a href=\"/?page=" + (number + 1)).text(rest).raw("\">after</a>");
        }
        page.raw("</nav>");
    }

    private void table(Html page, List<Reading> rows) {
        page.raw("<h2>Unikernels</h2><div class=\"scroll\"><table><thead><tr><th>Name</th>");
        page.raw("<th>CPU</th><th class=\"left\"></th><th>Memory</th><th>Peak</th>");
        page.raw("<th>Sent/s</th><th>Received/s</th><th class=\"left\"></th><th>Up</th></tr>");
        page.raw("</thead><tbody>");
        for (Reading reading : rows) {
            History.Track track =
                    history.track(reading.name().toString()).orElseGet(History.Track::new);
            page.raw("<tr><td><a href=\"/unikernel?name=").text(reading.name().toString());
            page.raw("\">").text(reading.name().toString()).raw("</a></td>");
            page.cell(Html.percent(track.last(History.Line.CPU)));
            page.raw("<td class=\"left\">");
            page.line("spark", track.line(History.Line.CPU), "CPU").raw("</td>");
            page.cell(Html.bytes(reading.residentBytes()));
            page.cell(Html.bytes(reading.sample().use().maxrss() * 1024.0));
            page.cell(Html.bytes(track.last(History.Line.SENT)));
            page.cell(Html.bytes(track.last(History.Line.RECEIVED)));
            page.raw("<td class=\"left\">");
            page.line("spark", track.line(History.Line.RECEIVED), "received").raw("</td>");
            page.cell(Html.duration(reading.ageMillis())).raw("</tr>");
        }
        page.raw("</tbody></table></div>");
        if (rows.isEmpty()) {
            page.raw("<p class=\"quiet\">None runs.</p>");
        }
    }

    private void waiting(Html page) {
        Facts now = facts.get();
        List<Facts.Unikernel> waiting =
                now.unikernels().stream().filter(u -> !u.running()).limit(ROWS_PER_PAGE).toList();
        if (waiting.isEmpty()) {
            return;
        }
        var doings = new HashMap<Name, Facts.Doing>();
        now.doings().forEach(doing -> doings.put(doing.name(), doing));
        page.raw("<h2>Not running</h2><div class=\"scroll\"><table><thead><tr><th>Name</th>");
        page.raw("<th class=\"left\">State</th><th>Failures</th><th>Next start in</th>");
        page.raw("<th class=\"left\">Why</th></tr></thead><tbody>");
        for (Facts.Unikernel unikernel : waiting) {
            Facts.Doing doing =
                    doings.getOrDefault(
                            unikernel.name(),
                            new Facts.Doing(unikernel.name(), "", 0, "", Optional.empty()));
            page.raw("<tr class=\"warn\">").cell(unikernel.name().toString());
            page.raw("<td class=\"left\">").text(doing.state()).raw("</td>");
            page.cell(String.valueOf(doing.failures()));
            page.cell(doing.nextStart().map(this::until).orElse(""));
            page.raw("<td class=\"left\">").text(doing.reason()).raw("</td></tr>");
        }
        page.raw("</tbody></table></div>");
    }

    private String until(Instant next) {
        return Html.duration(Math.max(0, Duration.between(clock.instant(), next).toMillis()));
    }

    private void policies(Html page) {
        Facts now = facts.get();
        if (now.policies().isEmpty()) {
            return;
        }
        Map<Path, Facts.Use> uses = now.uses();
        page.raw("<h2>Policies</h2><div class=\"scroll\"><table><thead><tr><th>Path</th>");
        page.raw("<th>Unikernels</th><th>Memory</th><th class=\"left\"></th>");
        page.raw("<th>Block</th><th>CPUs</th></tr></thead><tbody>");
        for (Facts.Limit limit : now.policies()) {
            Facts.Use use = uses.getOrDefault(limit.path(), Facts.Use.NONE);
            Policy policy = limit.policy();
            String path = limit.path().toString();
            page.raw("<tr><td><a href=\"/?path=").text(path).raw("\">").text(path);
            page.raw("</a></td>");
            page.cell(use.unikernels() + " of " + count(policy.unikernels()));
            page.cell(mib(use.memoryMiB()) + " of " + mib(policy.memoryMiB()));
            double share = (double) use.memoryMiB() / Math.max(1, policy.memoryMiB());
            page.raw("<td class=\"left\"><meter min=\"0\" max=\"1\" high=\"0.9\" value=\"");
            page.raw(String.valueOf(Math.min(1, share))).raw("\"></meter></td>");
            page.cell(mib(use.blockMiB()) + " of " + mib(policy.blockMiB().orElse(0)));
            page.cell(String.valueOf(policy.cpuids().size())).raw("</tr>");
        }
        page.raw("</tbody></table></div>");
    }

    private static String count(long number) {
        return number >= Policy.UNLIMITED ? "any" : String.valueOf(number);
    }

    private static String mib(long number) {
        return number >= Policy.UNLIMITED / MIB ? "any" : Html.bytes((double) number * MIB);
    }

    private Optional<HttpHandler.Answer> unikernel(String text) {
        if (Name.problem(text).isPresent()) {
            return Optional.empty();
        }
        Name name = Name.parse(text);
        Optional<Reading> found =
                newest.get().readings().stream().filter(r -> r.name().equals(name)).findFirst();
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Html page = open(name.toString());
        new UnikernelPage(page).write(found.get(), history.track(name.toString()));
        page.raw("<h2>Last lines</h2><pre>");
        consoles.of(name)
                .forEach(
                        line ->
                                page.raw("<span class=\"quiet\">")
                                        .text(line.time().toString())
                                        .raw("</span> ")
                                        .text(line.line())
                                        .raw("\n"));
        page.raw("</pre>");
        return Optional.of(html(close(page)));
    }
}
