package vmm.config;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A device that only release 4 has.
 *
 * @param name as {@code config.ml} has it
 * @param isFunctor whether its module is applied to those of its children
 */
record Later(String name, Form form, List<Node> children, boolean isFunctor)
        implements Configurable {
    Later {
        children = List.copyOf(children);
    }

    /** A device that is made of these. */
    static <K> Dev<K> device(Typ<Dev<K>> typ, String name, Form form, Dev<?>... children) {
        return Mirage.implementation(typ, new Later(name, form, nodes(children), true));
    }

    /** A device that is connected after these, with them, and whose module is no functor. */
    static <K> Dev<K> plain(Typ<Dev<K>> typ, String name, Form form, Dev<?>... children) {
        return Mirage.implementation(typ, new Later(name, form, nodes(children), false));
    }

    private static List<Node> nodes(Dev<?>... devices) {
        return List.of(devices).stream().map(Dev::node).toList();
    }

    /** This device with its arguments in a group. */
    Later in(String group) {
        return new Later(name, form.in(group), children, isFunctor);
    }

    @Override
    public Optional<Form> form(Target target) {
        return Optional.of(form);
    }

    @Override
    public List<Object> settings(Target target) {
        return List.of(form);
    }

    @Override
    public Configurable with(UnaryOperator<Node> each) {
        return new Later(name, form, children.stream().map(each).toList(), isFunctor);
    }

    @Override
    public String module(Generation g) {
        throw missing(name);
    }

    static ConfigException missing(String name) {
        return new ConfigException("release 2.5 has no " + name + ": say --dialect 4");
    }

    @Override
    public String variable(Generation g) {
        return module(g);
    }
}
