package vmm.config;

/** A device of kind {@code K}: nothing is missing that it needs. */
public record Dev<K>(Node node, Typ<Dev<K>> typ) implements Implementation {}
