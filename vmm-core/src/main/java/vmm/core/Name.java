package vmm.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The name of a unikernel or block device, or of a path when it has no label (BEHAVIOUR 4).
 *
 * <p>String form: the path's labels joined by {@code :}, then {@code :}, then the label or nothing.
 */
public record Name(Path path, Optional<Label> label) implements Comparable<Name> {
    /** Bounds what a name costs; a chain of certificates gives fewer than 10 labels. */
    public static final int LABELS_MAX = 64;

    private static final int LABELS_FEW = 8;

    public static final Name ROOT = new Name(Path.ROOT, Optional.empty());

    public static Name of(Path path) {
        return new Name(path, Optional.empty());
    }

    public static Name of(Path path, Label label) {
        return new Name(path, Optional.of(label));
    }

    /**
     * The name that {@code text} spells.
     *
     * @throws IllegalArgumentException with {@link #problem} if it spells none
     */
    public static Name parse(String text) {
        Name name = spelled(text);
        if (name == null) {
            throw new IllegalArgumentException(problem(text).orElse("no name"));
        }
        return name;
    }

    /** The name that {@code text} spells, or null where {@link #problem} says why it is none. */
    public static @Nullable Name spelled(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1); // what is no Latin-1 becomes '?'
        return spelled(bytes, 0, bytes.length);
    }

    /** The name that a part of {@code bytes} spells, or null as above. */
    public static @Nullable Name spelled(Bytes bytes, int from, int length) {
        Objects.checkFromIndexSize(from, length, bytes.length());
        byte[] array = bytes.array();
        return array == null
                ? spelled(bytes.slice(from, length).toArray(), 0, length)
                : spelled(array, bytes.offset() + from, bytes.offset() + from + length);
    }

    private static @Nullable Name spelled(byte[] bytes, int from, int end) {
        if (from == end) {
            return null;
        }
        var labels = new Label[LABELS_FEW];
        int count = 0;
        int start = bytes[from] == ':' ? from + 1 : from;
        boolean upper = false;
        for (int i = start; i < end; i++) {
            int c = bytes[i];
            upper |= c >= 'A' && c <= 'Z';
            if (c != ':') {
                continue;
            }
            Label label = Label.spelled(bytes, start, i, upper);
            if (label == null || count == LABELS_MAX - 1) {
                return null;
            }
            if (count == labels.length) {
                labels = Arrays.copyOf(labels, LABELS_MAX);
            }
            labels[count++] = label;
            start = i + 1;
            upper = false;
        }
        if (start == end) {
            return count == 0 ? ROOT : of(path(labels, count));
        }
        Label last = Label.spelled(bytes, start, end, upper);
        return last == null ? null : of(path(labels, count), last);
    }

    private static Path path(Label[] labels, int count) {
        return switch (count) {
            case 0 -> Path.ROOT;
            case 1 -> new Path(List.of(labels[0]));
            case 2 -> new Path(List.of(labels[0], labels[1]));
            default -> new Path(Arrays.asList(labels).subList(0, count));
        };
    }

    /** Says why {@code text} spells no name, or is empty if it spells one. */
    public static Optional<String> problem(String text) {
        if (text.isEmpty()) {
            return Optional.of("a name must not be empty");
        }
        List<String> parts = parts(text);
        if (parts.size() > LABELS_MAX) {
            return Optional.of("the name has more than " + LABELS_MAX + " labels");
        }
        int labels = parts.getLast().isEmpty() ? parts.size() - 1 : parts.size();
        for (String part : parts.subList(0, labels)) {
            Optional<String> why = Label.problem(Label.lower(part));
            if (why.isPresent()) {
                return Optional.of("invalid name '" + text + "': " + why.get());
            }
        }
        return Optional.empty();
    }

    /** What stands between the colons, without one leading colon; the last part may be empty. */
    private static List<String> parts(String text) {
        var parts = new ArrayList<String>(4);
        int from = text.charAt(0) == ':' ? 1 : 0;
        for (int colon = text.indexOf(':', from); colon >= 0; colon = text.indexOf(':', from)) {
            parts.add(text.substring(from, colon));
            from = colon + 1;
        }
        parts.add(text.substring(from));
        return parts;
    }

    /** True if this names a path and no unikernel or device in it. */
    public boolean isPath() {
        return label.isEmpty();
    }

    /** This name as it is seen from {@code ancestor}, which must contain its path. */
    public Name relativeTo(Path ancestor) {
        return new Name(path.relativeTo(ancestor), label);
    }

    /** All labels, without a mark of where the path ends: the form of AV3 and AV4. */
    public List<Label> labels() {
        var all = new ArrayList<>(path.labels());
        label.ifPresent(all::add);
        return List.copyOf(all);
    }

    /** The block device {@code device} of this unikernel's path: devices are shared inside it. */
    public Name sibling(Label device) {
        return of(path, device);
    }

    /** Says why this name must not become the name of a file, or is empty if it may. */
    public Optional<String> fileProblem() {
        return labels().stream().anyMatch(Label::isDots)
                ? Optional.of("the name '" + this + "' has a label of dots alone")
                : Optional.empty();
    }

    @Override
    public int compareTo(Name other) {
        int order = path.compareTo(other.path);
        if (order != 0 || label.equals(other.label)) {
            return order;
        }
        if (label.isEmpty() || other.label.isEmpty()) {
            return label.isEmpty() ? -1 : 1;
        }
        return label.get().compareTo(other.label.get());
    }

    /** The canonical string, which file names are made of as well. */
    @Override
    public String toString() {
        String above = path.isRoot() ? ":" : path.toString();
        return label.map(l -> above + l.text()).orElse(above);
    }
}
