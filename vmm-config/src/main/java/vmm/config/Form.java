package vmm.config;

import java.util.List;

/**
 * How release 4 has a device: a module, the code that connects it, and what both need.
 *
 * @param module its name in OCaml; a functor is applied to the device's children
 * @param code connects it: {@code $M} is its module, {@code $1}, {@code $2} … are the states of its
 *     children and then the values of {@code told}; {@code $*} is all of them, and {@code $,} all
 *     with commas
 * @param told the terms, in OCaml, whose values it is told when it boots
 * @param rules dune's, for files that it needs
 */
public record Form(
        String module, String code, List<String> told, List<Need> needs, List<String> rules) {
    public Form {
        told = List.copyOf(told);
        needs = List.copyOf(needs);
        rules = List.copyOf(rules);
    }

    /** A module that is connected by {@code code}. */
    public static Form of(String module, String code, Need... needs) {
        return new Form(module, code, List.of(), List.of(needs), List.of());
    }

    /** This form, told the values of these terms as well. */
    public Form told(String... terms) {
        return new Form(module, code, List.of(terms), needs, rules);
    }

    /** This form where what it is told is told in a group of arguments. */
    Form in(String group) {
        var terms = new Terms(group);
        return new Form(module, code, told.stream().map(terms::grouped).toList(), needs, rules);
    }

    /** This form with rules of dune's. */
    public Form rules(String... added) {
        return new Form(module, code, told, needs, List.of(added));
    }

    /** The code where the module and the states have these names. */
    String filled(String moduleName, List<String> states) {
        var out = new StringBuilder();
        int at = 0;
        while (at < code.length()) {
            char c = code.charAt(at++);
            if (c != '$' || at == code.length()) {
                out.append(c);
                continue;
            }
            char what = code.charAt(at++);
            switch (what) {
                case 'M' -> out.append(moduleName);
                case '*' -> out.append(String.join(" ", states));
                case ',' -> out.append(String.join(", ", states));
                default -> out.append(states.get(what - '1'));
            }
        }
        return out.toString();
    }
}
