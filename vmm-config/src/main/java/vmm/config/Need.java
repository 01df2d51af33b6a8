package vmm.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A package of opam's that code for release 4 needs.
 *
 * @param least the lowest versions that will do
 * @param below the versions from which on it will not do
 * @param libraries what is linked of it, by findlib's names
 */
public record Need(
        String name, Set<String> least, Set<String> below, Set<String> libraries, Use use) {
    /** Where a package is used. */
    public enum Use {
        /** Fetched and built with the unikernel, and linked into it. */
        LINKED,
        /** Fetched and built with the unikernel; only its programs run. */
        PROGRAM,
        /** Installed where the unikernel is built. */
        INSTALLED
    }

    public Need {
        least = Set.copyOf(least);
        below = Set.copyOf(below);
        libraries = Set.copyOf(libraries);
    }

    /** A package that is linked whole, in any version. */
    public static Need of(String name) {
        return new Need(name, Set.of(), Set.of(), Set.of(name), Use.LINKED);
    }

    /** A package from one version on, up to another. */
    public static Need of(String name, String least, String below) {
        return new Need(name, Set.of(least), Set.of(below), Set.of(name), Use.LINKED);
    }

    /** A package that is linked whole, from a version on. */
    static Need from(String name, String least) {
        return new Need(name, Set.of(least), Set.of(), Set.of(name), Use.LINKED);
    }

    /** A package that is linked whole, up to a version. */
    static Need below(String name, String below) {
        return new Need(name, Set.of(), Set.of(below), Set.of(name), Use.LINKED);
    }

    /** This package with these of its libraries in place of it; "" is its own. */
    public Need with(String... parts) {
        var linked = new TreeSet<String>();
        Arrays.stream(parts).forEach(p -> linked.add(p.isEmpty() ? name : name + "." + p));
        return new Need(name, least, below, linked, use);
    }

    /** This package, used otherwise than {@link Use#LINKED}. */
    public Need as(Use other) {
        return new Need(name, least, below, Set.of(), other);
    }

    Need merged(Need other) {
        Use both = use == Use.LINKED ? other.use : use;
        return new Need(
                name,
                union(least, other.least),
                union(below, other.below),
                union(libraries, other.libraries),
                both);
    }

    private static SortedSet<String> union(Set<String> some, Set<String> others) {
        var all = new TreeSet<>(some);
        all.addAll(others);
        return all;
    }

    /** One line of opam's {@code depends}. */
    String line() {
        var conditions = new ArrayList<String>();
        if (use != Use.INSTALLED) {
            conditions.add("?monorepo");
        }
        if (use != Use.LINKED) {
            conditions.add("build");
        }
        union(least, Set.of()).forEach(version -> conditions.add(">= \"" + version + "\""));
        union(below, Set.of()).forEach(version -> conditions.add("< \"" + version + "\""));
        return "\"" + name + "\" { " + String.join(" & ", conditions) + " }";
    }
}
