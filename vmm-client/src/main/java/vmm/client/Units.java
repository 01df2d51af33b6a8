package vmm.client;

import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;
import vmm.core.FailBehaviour;
import vmm.core.Policy;

/** Quantities as people read them. */
final class Units {
    private static final long KIBI = 1024;

    private Units() {}

    static String memory(long mebibytes) {
        if (mebibytes >= Policy.UNLIMITED) {
            return "unlimited";
        }
        if (mebibytes < 10 * KIBI) {
            return mebibytes + " MiB";
        }
        double gibibytes = (double) mebibytes / KIBI;
        return gibibytes < 10 * KIBI
                ? String.format(Locale.ROOT, "%.1f GiB", gibibytes)
                : String.format(Locale.ROOT, "%.1f TiB", gibibytes / KIBI);
    }

    /** An amount of bytes, with three digits where there is a fraction. */
    static String bytes(long bytes) {
        if (bytes < KIBI) {
            return bytes + " B";
        }
        String[] units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
        double amount = (double) bytes / KIBI;
        int unit = 0;
        while (amount >= 1000 && unit < units.length - 1) {
            amount /= KIBI;
            unit++;
        }
        return String.format(
                Locale.ROOT, amount < 100 ? "%.1f %s" : "%.0f %s", amount, units[unit]);
    }

    static String count(long number) {
        return number >= Policy.UNLIMITED ? "unlimited" : Long.toString(number);
    }

    /** How long ago, in the largest unit and the next one. */
    static String since(Duration age) {
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return (seconds / 60) + " min " + (seconds % 60) + " s";
        }
        if (seconds < 86_400) {
            return (seconds / 3600) + " h " + (seconds % 3600 / 60) + " min";
        }
        return (seconds / 86_400) + " d " + (seconds % 86_400 / 3600) + " h";
    }

    /** Runs of CPU ids are written as {@code 0-3}. */
    static String cpus(Collection<Long> ascending) {
        var text = new StringBuilder();
        long from = Long.MIN_VALUE;
        long last = Long.MIN_VALUE;
        for (long id : ascending) {
            if (id != last + 1 || text.isEmpty()) {
                end(text, from, last);
                text.append(text.isEmpty() ? "" : ",").append(id);
                from = id;
            }
            last = id;
        }
        end(text, from, last);
        return orDash(text.toString());
    }

    private static void end(StringBuilder text, long from, long last) {
        if (last > from) {
            text.append(last == from + 1 ? "," : "-").append(last);
        }
    }

    static String fail(FailBehaviour behaviour) {
        return switch (behaviour) {
            case FailBehaviour.Quit() -> "stay down";
            case FailBehaviour.Restart(var codes) when codes.isEmpty() -> "restart";
            case FailBehaviour.Restart(var codes) -> "restart on " + list(codes);
        };
    }

    static String list(Collection<?> items) {
        return orDash(items.stream().map(Object::toString).collect(Collectors.joining(",")));
    }

    static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }
}
