package vmm.config;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A device that only release 4 has.
 *
 * @param name as {@code config.ml} has it
 */
record Later(String name, Form form, List<Node> children) implements Configurable {
    Later {
        children = List.copyOf(children);
    }

    /** A device that is made of these. */
    static <K> Dev<K> device(Typ<Dev<K>> typ, String name, Form form, Dev<?>... children) {
        var nodes = List.of(children).stream().map(Dev::node).toList();
        return Mirage.implementation(typ, new Later(name, form, nodes));
    }

    /** This device with its arguments in a group. */
    Later in(String group) {
        return new Later(name, form.in(group), children);
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
        return new Later(name, form, children.stream().map(each).toList());
    }

    @Override
    public String module(Generation g) {
        throw new ConfigException("release 2.5 has no " + name + ": say --dialect 4");
    }

    @Override
    public String variable(Generation g) {
        return module(g);
    }
}
