package vmm.client;

import java.util.ArrayList;
import java.util.List;

/** Rows under a header, each column as wide as its widest cell. */
final class Table {
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

    String render(boolean coloured) {
        var text = new StringBuilder();
        int[] widths = widths();
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
            String cell = cells.get(column);
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

    private static int length(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
