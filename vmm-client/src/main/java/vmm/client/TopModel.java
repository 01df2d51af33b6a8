package vmm.client;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import vmm.core.Name;
import vmm.core.Sample;
import vmm.core.UnikernelInfo;
import vmm.wire.Success;

/** What {@code vmm top} knows, and how it looks. Not thread-safe: who calls holds a lock. */
final class TopModel {
    /** What rows are sorted by. */
    enum Sort {
        name('n'),
        cpu('c'),
        memory('m'),
        network('w'),
        restarts('r'),
        up('u');

        private final char key;

        Sort(char key) {
            this.key = key;
        }

        static Optional<Sort> of(int key) {
            return List.of(values()).stream().filter(sort -> sort.key == key).findFirst();
        }
    }

    /** Two samples of one unikernel, and when each came. */
    private static final class Seen {
        @Nullable Sample before;
        long beforeNanos;
        @Nullable Sample now;
        long nowNanos;

        double perSecond(ToDoubleFunction<Sample> amount) {
            if (before == null || now == null || nowNanos <= beforeNanos) {
                return Double.NaN;
            }
            double more = amount.applyAsDouble(now) - amount.applyAsDouble(before);
            return Math.max(0, more) * 1e9 / (nowNanos - beforeNanos);
        }
    }

    /** One line; what is not known is NaN. */
    private record Row(
            String name,
            double cpuPercent,
            double rssBytes,
            long memoryMiB,
            double sent,
            double received,
            int restarts,
            Optional<Instant> started) {}

    private static final int NAME_CHARS_MIN = 14;
    private static final String[] HEADS = {
        "CPU %", "RSS", "MEMORY", "SENT/s", "RECV/s", "RST", "UP"
    };
    static final String KEYS =
            "sort: c CPU, m memory, w network, r restarts, u time up, n name; q quits";
    private static final int WIDE_COLUMNS = 100;
    private static final String INVERSE = "\033[7m";
    private static final String BOLD = "\033[1m";
    private static final String PLAIN = "\033[0m";

    private final Map<Name, Seen> samples = new HashMap<>();
    private final Map<Name, Instant> starts = new HashMap<>();
    private final Map<Name, Integer> restarts = new HashMap<>();
    private List<Success.Named<UnikernelInfo>> infos = List.of();
    private String note = "";
    Sort sort = Sort.cpu;
    boolean reversed;

    void infos(List<Success.Named<UnikernelInfo>> newest) {
        infos = newest;
        for (var entry : newest) {
            Instant started = entry.value().started().orElse(null);
            if (started != null) {
                Instant old = starts.put(entry.name(), started);
                if (old != null && !old.equals(started)) {
                    restarts.merge(entry.name(), 1, Integer::sum);
                    samples.remove(entry.name());
                }
            }
        }
        var there = newest.stream().map(Success.Named::name).collect(Collectors.toSet());
        samples.keySet().retainAll(there);
        starts.keySet().retainAll(there);
        restarts.keySet().retainAll(there);
    }

    void sample(Name name, Sample sample, long nanos) {
        Seen seen = samples.computeIfAbsent(name, _ -> new Seen());
        seen.before = seen.now;
        seen.beforeNanos = seen.nowNanos;
        seen.now = sample;
        seen.nowNanos = nanos;
    }

    void note(String text) {
        note = text;
    }

    void pressed(int key) {
        Sort.of(key)
                .ifPresent(
                        chosen -> {
                            reversed = chosen == sort && !reversed;
                            sort = chosen;
                        });
    }

    boolean hasRates() {
        return samples.values().stream().anyMatch(seen -> seen.before != null);
    }

    /** So many lines, none wider than the screen. */
    String picture(Screen.Size size, Instant now, boolean coloured) {
        List<Row> rows = rows();
        var lines = new ArrayList<String>();
        lines.add(paint(cut(summary(rows, now), size.columns()), coloured ? BOLD : ""));
        if (!note.isEmpty()) {
            lines.add(cut(note, size.columns()));
        }
        int widest = rows.stream().mapToInt(row -> row.name().length()).max().orElse(0);
        String head = line(size, widest, "NAME", HEADS);
        lines.add(paint(head, coloured ? INVERSE : ""));
        for (Row row : rows.subList(0, Math.max(0, Math.min(rows.size(), size.lines() - 4)))) {
            lines.add(line(size, widest, row.name(), cells(row, now)));
        }
        return String.join("\n", lines) + "\n";
    }

    private static String paint(String text, String colour) {
        return colour.isEmpty() ? text : colour + text + PLAIN;
    }

    private static String cut(String text, int columns) {
        return text.length() <= columns ? text : text.substring(0, columns);
    }

    private String summary(List<Row> rows, Instant now) {
        double cpu = rows.stream().mapToDouble(Row::cpuPercent).filter(TopModel::isKnown).sum();
        double rss = rows.stream().mapToDouble(Row::rssBytes).filter(TopModel::isKnown).sum();
        return String.format(
                Locale.ROOT,
                "vmm top  %s  %d unikernel%s  CPU %.1f %%  RSS %s  by %s%s",
                Render.time(now).substring(11, 19),
                rows.size(),
                rows.size() == 1 ? "" : "s",
                cpu,
                Units.bytes((long) rss),
                sort,
                reversed ? " reversed" : "");
    }

    private List<Row> rows() {
        Comparator<Row> order =
                switch (sort) {
                    case name -> Comparator.comparing(Row::name);
                    case cpu -> falling(Row::cpuPercent);
                    case memory -> falling(Row::rssBytes);
                    case network -> falling(row -> row.sent() + row.received());
                    case restarts -> Comparator.comparingInt(Row::restarts).reversed();
                    case up -> Comparator.comparing(row -> row.started().orElse(Instant.MAX));
                };
        Comparator<Row> wanted = reversed ? order.reversed() : order;
        return infos.stream()
                .map(info -> row(info.name(), info.value()))
                .sorted(wanted.thenComparing(Row::name))
                .toList();
    }

    /** Largest first, what is not known last. */
    private static Comparator<Row> falling(ToDoubleFunction<Row> by) {
        return Comparator.comparingDouble(
                row -> isKnown(by.applyAsDouble(row)) ? -by.applyAsDouble(row) : 1);
    }

    private static boolean isKnown(double x) {
        return !Double.isNaN(x);
    }

    private Row row(Name name, UnikernelInfo info) {
        Seen seen = samples.getOrDefault(name, new Seen());
        Sample now = seen.now;
        return new Row(
                Visible.text(name.toString()),
                100 * seen.perSecond(s -> seconds(s.use().utime()) + seconds(s.use().stime())),
                now == null || now.memory().isEmpty()
                        ? Double.NaN
                        : (double) now.memory().get().rss() * Statistics.PAGE_BYTES,
                info.memoryMiB(),
                // A tap's input is what the unikernel sent.
                seen.perSecond(s -> sum(s, Sample.Interface::inputBytes)),
                seen.perSecond(s -> sum(s, Sample.Interface::outputBytes)),
                restarts.getOrDefault(name, 0),
                info.started());
    }

    private static double seconds(Sample.Time time) {
        return time.seconds() + (time.microseconds() / 1e6);
    }

    private static double sum(Sample sample, ToLongFunction<Sample.Interface> of) {
        return sample.interfaces().stream().mapToLong(of).sum();
    }

    private static String[] cells(Row row, Instant now) {
        return new String[] {
            known(row.cpuPercent(), x -> String.format(Locale.ROOT, "%.1f", x)),
            known(row.rssBytes(), x -> Units.bytes((long) x)),
            Units.memory(row.memoryMiB()),
            known(row.sent(), x -> Units.bytes((long) x)),
            known(row.received(), x -> Units.bytes((long) x)),
            Integer.toString(row.restarts()),
            row.started().map(s -> Units.since(Duration.between(s, now))).orElse("-")
        };
    }

    private static String known(double x, DoubleFunction<String> text) {
        return isKnown(x) ? text.apply(x) : "-";
    }

    private static String line(Screen.Size size, int widest, String name, String[] cells) {
        boolean all = size.columns() >= WIDE_COLUMNS;
        String rest =
                all
                        ? String.format("  %6s  %9s  %9s  %9s  %9s  %4s  %12s", (Object[]) cells)
                        : String.format(
                                "  %6s  %9s  %9s  %9s  %3s  %11s",
                                cells[0], cells[1], cells[3], cells[4], cells[5], cells[6]);
        int most = Math.max(NAME_CHARS_MIN, size.columns() - rest.length());
        int room = Math.clamp(widest, NAME_CHARS_MIN, most);
        String shown = name.length() <= room ? name : name.substring(0, room - 1) + "~";
        return cut(shown + " ".repeat(room - shown.length()) + rest, size.columns());
    }
}
