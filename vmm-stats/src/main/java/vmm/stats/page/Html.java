package vmm.stats.page;

import java.util.Locale;

/** HTML in the making. All text is escaped; only markup that stands in the source is not. */
final class Html {
    private static final double KILO = 1024;
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private final StringBuilder text = new StringBuilder(16 * 1024);

    /** Markup, as it stands in the source. */
    Html raw(String markup) {
        text.append(markup);
        return this;
    }

    Html text(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '<' -> text.append("&lt;");
                case '>' -> text.append("&gt;");
                case '&' -> text.append("&amp;");
                case '"' -> text.append("&quot;");
                case '\'' -> text.append("&#39;");
                default -> text.append(c < ' ' && c != '\n' && c != '\t' ? '�' : c);
            }
        }
        return this;
    }

    Html cell(String value) {
        return raw("<td>").text(value).raw("</td>");
    }

    /** A line of points over the width of its box, from zero up. */
    Html line(String style, float[] points, String label) {
        float most = 0;
        for (float point : points) {
            most = Math.max(most, point);
        }
        raw("<svg class=\"" + style + "\" viewBox=\"0 0 100 20\" preserveAspectRatio=\"none\"");
        raw(" role=\"img\" aria-label=\"").text(label).raw("\"><polyline points=\"");
        for (int i = 0; i < points.length; i++) {
            double x = points.length == 1 ? 100 : 100.0 * i / (points.length - 1);
            double y = most == 0 ? 19 : 19 - (18.0 * points[i] / most);
            text.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
        }
        return raw("\"/></svg>");
    }

    static String bytes(long value) {
        return bytes((double) value);
    }

    static String bytes(double value) {
        int unit = 0;
        double rest = value;
        while (rest >= KILO && unit < UNITS.length - 1) {
            rest /= KILO;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", rest, UNITS[unit]);
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", share * 100);
    }

    static String duration(long millis) {
        long seconds = millis / 1000;
        long days = seconds / 86_400;
        return days > 0
                ? String.format(Locale.ROOT, "%d d %d h", days, seconds % 86_400 / 3600)
                : String.format(
                        Locale.ROOT,
                        "%d:%02d:%02d",
                        seconds / 3600,
                        seconds % 3600 / 60,
                        seconds % 60);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
