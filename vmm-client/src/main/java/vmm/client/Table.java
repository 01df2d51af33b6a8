package vmm.client;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * Rows under a header, each column as wide as its widest cell. On a terminal columns give way until
 * a row fits into a line; what is cut ends in {@value #CUT}.
 */
final class Table {
    private static final String CUT = "~";
    private static final int NAME_CHARS_MIN = 10;
    private static final int COLUMN_CHARS_MIN = 8;
    private static final int TERMINAL_CHARS_MIN = 80;
    private static final String BOLD = "\033[1m";
    private static final String PLAIN = "\033[0m";
    private static final String GAP = "  ";

    private final List<String> header;
    private final List<Boolean> toTheRight;
    private final List<List<String>> rows = new ArrayList<>();

    /**
     * @param header one word a column; {@code >} before it sets the column to the right
     */
    Table(String... header) {
        this.toTheRight = List.of(header).stream().map(h -> h.startsWith(">")).toList();
        this.header = List.of(header).stream().map(h -> h.replaceFirst("^>", "")).toList();
    }

    void row(String... cells) {
        if (cells.length != header.size()) {
            throw new IllegalArgumentException("a row has as many cells as the header");
        }
        rows.add(List.of(cells).stream().map(Visible::text).toList());
    }

    void print(Terminal terminal, SharedOptions common) {
        terminal.out().print(render(common.coloured(terminal), () -> columns(terminal)));
    }

    private static int columns(Terminal terminal) {
        return terminal.colours()
                ? Screen.size().map(Screen.Size::columns).orElse(TERMINAL_CHARS_MIN)
                : Integer.MAX_VALUE;
    }

    /**
     * The whole table as text.
     *
     * @param columns of the terminal; asked only where a row is wider than most terminals
     */
    String render(boolean coloured, IntSupplier columns) {
        var text = new StringBuilder();
        int[] widths = widths();
        if (sum(widths) > TERMINAL_CHARS_MIN) {
            fit(widths, columns.getAsInt());
        }
        String top = line(header, widths);
        text.append(coloured ? BOLD + top + PLAIN : top).append('\n');
        for (List<String> row : rows) {
            text.append(line(row, widths)).append('\n');
        }
        return text.toString();
    }

    private String line(List<String> cells, int[] widths) {
        var line = new StringBuilder();
        for (int column = 0; column < cells.size(); column++) {
            String cell = cut(cells.get(column), widths[column]);
            String fill = " ".repeat(widths[column] - length(cell));
            line.append(column == 0 ? "" : GAP);
            line.append(toTheRight.get(column) ? fill + cell : cell + fill);
        }
        return line.toString().stripTrailing();
    }

    private int[] widths() {
        int[] widths = header.stream().mapToInt(Table::length).toArray();
        for (List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], length(row.get(column)));
            }
        }
        return widths;
    }

    private static int sum(int[] widths) {
        return Arrays.stream(widths).sum() + (GAP.length() * (widths.length - 1));
    }

    /** The first column gives way first: quantities stand in the others. */
    private static void fit(int[] widths, int columns) {
        for (int excess = sum(widths) - columns; excess > 0; excess--) {
            int widest = 0;
            for (int column = 1; column < widths.length && widths[0] <= NAME_CHARS_MIN; column++) {
                widest = widths[column] > widths[widest] ? column : widest;
            }
            if (widths[widest] <= COLUMN_CHARS_MIN) {
                return;
            }
            widths[widest]--;
        }
    }

    private static String cut(String cell, int width) {
        return length(cell) <= width
                ? cell
                : cell.substring(0, cell.offsetByCodePoints(0, width - CUT.length())) + CUT;
    }

    private static int length(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
