package vmm.core;

import java.util.List;
import java.util.Optional;

/** A place in the resource tree: the labels from the root down to it. The root has none. */
public record Path(List<Label> labels) implements Comparable<Path> {
    public static final Path ROOT = new Path(List.of());

    public Path {
        labels = List.copyOf(labels);
    }

    public static Path of(String... labels) {
        return new Path(List.of(labels).stream().map(Label::of).toList());
    }

    public boolean isRoot() {
        return labels.isEmpty();
    }

    public int depth() {
        return labels.size();
    }

    /** The path without its last label; empty for the root. */
    public Optional<Path> parent() {
        return isRoot()
                ? Optional.empty()
                : Optional.of(new Path(labels.subList(0, labels.size() - 1)));
    }

    public Path child(Label label) {
        var longer = new java.util.ArrayList<>(labels);
        longer.add(label);
        return new Path(longer);
    }

    /** True if {@code other} is this path or lies below it. */
    public boolean contains(Path other) {
        return other.depth() >= depth() && other.labels.subList(0, depth()).equals(labels);
    }

    /**
     * This path as it is seen from {@code ancestor}.
     *
     * @throws IllegalArgumentException if {@code ancestor} does not contain it
     */
    public Path relativeTo(Path ancestor) {
        if (!ancestor.contains(this)) {
            throw new IllegalArgumentException(this + " is not below " + ancestor);
        }
        return new Path(labels.subList(ancestor.depth(), depth()));
    }

    /** {@code below} seen from this path, as an absolute path. */
    public Path resolve(Path below) {
        var all = new java.util.ArrayList<>(labels);
        all.addAll(below.labels);
        return new Path(all);
    }

    @Override
    public int compareTo(Path other) {
        int common = Math.min(depth(), other.depth());
        for (int i = 0; i < common; i++) {
            int order = labels.get(i).compareTo(other.labels.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(depth(), other.depth());
    }

    /** The canonical string: labels joined by and ending in a colon; the root is {@code :}. */
    @Override
    public String toString() {
        var text = new StringBuilder();
        for (Label label : labels) {
            text.append(label.text()).append(':');
        }
        return isRoot() ? ":" : text.toString();
    }
}
