package vmm.client;

import java.util.Locale;

/**
 * How far a transfer is, drawn on one line of a terminal once it has taken a second: bar, amount,
 * rate and time left. Draws nothing where there is no terminal. One thread.
 */
final class Progress implements AutoCloseable {
    private static final long FIRST_NANOS = 1_000_000_000L;
    private static final long EVERY_NANOS = 100_000_000L;
    private static final int BAR_CHARS_MAX = 40;
    private static final int COLUMNS_DEFAULT = 80;

    /** To ask the terminal how wide it is takes a process: once a second is often enough. */
    private static final int DRAWS_A_WIDTH = 10;

    private final Terminal terminal;
    private final String what;
    private final long total;
    private final long started;
    private int columns;
    private int draws;
    private long skipped;
    private long done;
    private long drawnAt;
    private boolean drawn;

    /** Who interrupts it gets the next prompt on a line of its own. */
    private final Thread interrupted;

    /**
     * @param total bytes to come; 0 or less where nobody knows
     */
    Progress(Terminal terminal, boolean wanted, String what, long total) {
        this(terminal, wanted, what, total, System.nanoTime());
    }

    private Progress(Terminal terminal, boolean wanted, String what, long total, long now) {
        this.terminal = terminal;
        this.what = what;
        this.total = total;
        this.started = now;
        this.columns = wanted && terminal.live() ? COLUMNS_DEFAULT : 0;
        this.drawnAt = now + FIRST_NANOS - EVERY_NANOS;
        this.interrupted = new Thread(terminal.err()::println);
    }

    /** So much was there before. */
    void skip(long bytes) {
        skipped = bytes;
        done += bytes;
    }

    void advance(long bytes) {
        done += bytes;
        if (columns > 0) {
            long now = System.nanoTime();
            if (now - drawnAt >= EVERY_NANOS) {
                drawnAt = now;
                draw(now);
            }
        }
    }

    private void draw(long now) {
        if (draws++ % DRAWS_A_WIDTH == 0) {
            columns = Screen.columns(terminal).orElse(columns);
        }
        terminal.err()
                .print("\r" + line(what, skipped, done, total, now - started, columns) + "\033[K");
        terminal.err().flush();
        if (!drawn) {
            Runtime.getRuntime().addShutdownHook(interrupted);
            drawn = true;
        }
    }

    /** One line that fits {@code columns}. */
    static String line(String what, long skipped, long done, long total, long nanos, int columns) {
        double rate = (done - skipped) * 1e9 / Math.max(1, nanos);
        String amount =
                total > 0 ? Units.bytes(done) + " of " + Units.bytes(total) : Units.bytes(done);
        String figures = amount + "  " + Units.bytes((long) rate) + "/s";
        if (total > 0 && done > 0) {
            double left = Math.max(0, total - done) / Math.max(1, rate);
            figures += "  " + left((long) Math.ceil(left)) + " left";
        }
        int room = columns - what.length() - figures.length() - 13;
        String bar = total > 0 && room >= 8 ? bar(done, total, Math.min(room, BAR_CHARS_MAX)) : "";
        String line = Visible.text(what) + "  " + bar + figures;
        return line.length() < columns ? line : line.substring(0, Math.max(0, columns - 1));
    }

    private static String bar(long done, long total, int width) {
        double part = Math.min(1, (double) done / total);
        int full = (int) (part * width);
        return String.format(
                Locale.ROOT,
                "[%s%s] %3d %%  ",
                "#".repeat(full),
                ".".repeat(width - full),
                (int) (part * 100));
    }

    private static String left(long seconds) {
        return seconds < 60
                ? seconds + " s"
                : String.format(
                        Locale.ROOT,
                        seconds < 3600 ? "%2$d:%3$02d" : "%1$d:%2$02d:%3$02d",
                        seconds / 3600,
                        seconds < 3600 ? seconds / 60 : seconds % 3600 / 60,
                        seconds % 60);
    }

    /** Wipes the line: the result is printed in its place. */
    @Override
    public void close() {
        if (drawn) {
            try {
                boolean _ = Runtime.getRuntime().removeShutdownHook(interrupted);
            } catch (IllegalStateException _) {
                return; // It was interrupted.
            }
            terminal.err().print("\r\033[K");
            terminal.err().flush();
        }
    }
}
