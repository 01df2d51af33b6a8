package vmm.tests;

import java.lang.reflect.Field;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The bounds that stand in the code, and those that ARCHITECTURE.md tells. */
final class Bounds {
    /** What is a bound: a number whose name ends in MAX, and every time that something takes. */
    private static final Pattern CONSTANT =
            Pattern.compile(
                    "static final (?:(?:int|long) ((?:[A-Z0-9_]+_)?MAX)|Duration ([A-Z0-9_]+))\\s*=");

    /** {@code | folder | `Type.NAME` | value | why |}. */
    private static final Pattern ROW =
            Pattern.compile("\\| ([a-z-]+) \\| `(\\w+)\\.(\\w+)` \\| ([^|]+) \\| [^|]+ \\|");

    /**
     * A bound.
     *
     * @param folder the module's
     * @param type the simple name of the class
     */
    record Bound(String folder, String type, String name) {}

    /**
     * A row of the table.
     *
     * @param value a number, and a unit of time or memory or what is counted
     */
    record Row(Bound bound, String value) {}

    private static final List<Path> MAIN_SOURCES =
            House.sources().stream()
                    .filter(p -> p.toString().contains("/src/main/java/"))
                    .filter(p -> !folder(p).equals("bench"))
                    .toList();

    private Bounds() {}

    static List<Bound> inCode() {
        var found = new ArrayList<Bound>();
        for (Path file : MAIN_SOURCES) {
            Matcher constant = CONSTANT.matcher(String.join("\n", House.lines(file)));
            while (constant.find()) {
                String name = constant.group(1) == null ? constant.group(2) : constant.group(1);
                found.add(new Bound(folder(file), type(file), name));
            }
        }
        return found;
    }

    static List<Row> inTable() {
        var rows = new ArrayList<Row>();
        for (String line : House.lines(House.ROOT.resolve("ARCHITECTURE.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                var bound = new Bound(row.group(1), row.group(2), row.group(3));
                rows.add(new Row(bound, row.group(4).strip()));
            }
        }
        return rows;
    }

    /** Whether the constant has the value that the table tells; empty if there is none such. */
    static Optional<Boolean> holds(Row row) throws ReflectiveOperationException {
        for (Path file : MAIN_SOURCES) {
            if (folder(file).equals(row.bound().folder())
                    && type(file).equals(row.bound().type())
                    && String.join("\n", House.lines(file))
                            .matches("(?s).*\\b" + row.bound().name() + "\\s*=.*")) {
                return Optional.of(number(row).equals(value(file, row.bound().name())));
            }
        }
        return Optional.empty();
    }

    /** The value of the constant; times in milliseconds. */
    private static Long value(Path file, String name) throws ReflectiveOperationException {
        String path = file.toString().replaceAll(".*/src/main/java/|\\.java$", "");
        for (Class<?> type : nest(Class.forName(path.replace('/', '.')))) {
            for (Field field : type.getDeclaredFields()) {
                if (field.getName().equals(name)) {
                    field.setAccessible(true);
                    return field.get(null) instanceof Duration time
                            ? Long.valueOf(time.toMillis())
                            : Long.valueOf(((Number) field.get(null)).longValue());
                }
            }
        }
        throw new NoSuchFieldException(name);
    }

    private static List<Class<?>> nest(Class<?> outer) {
        var all = new ArrayList<Class<?>>(List.of(outer));
        for (Class<?> inner : outer.getDeclaredClasses()) {
            all.addAll(nest(inner));
        }
        return all;
    }

    private static Long number(Row row) {
        String[] words = row.value().replace(",", "").split(" ", 2);
        long number = Long.parseLong(words[0]);
        String unit = words.length == 1 ? "" : words[1];
        boolean counted = row.bound().name().contains("SECONDS") || unit.isEmpty();
        return switch (unit) {
            case "KiB" -> number << 10;
            case "MiB" -> number << 20;
            case "GiB" -> number << 30;
            case "s" -> counted ? number : number * 1000;
            case "min" -> number * 60_000;
            case "h" -> number * 3_600_000;
            case "days" -> number * 86_400_000;
            default -> number;
        };
    }

    private static String folder(Path file) {
        return House.ROOT.relativize(file).getName(0).toString();
    }

    private static String type(Path file) {
        return file.getFileName().toString().replace(".java", "");
    }
}
