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
 * @param products the files made by them that are kept beside the unikernel
 */
public record Form(
        String module,
        String code,
        List<String> told,
        List<Need> needs,
        List<String> rules,
        List<String> products) {
    public Form {
        told = List.copyOf(told);
        needs = List.copyOf(needs);
        rules = List.copyOf(rules);
        products = List.copyOf(products);
    }

    /** A module that is connected by {@code code}. */
    public static Form of(String module, String code, Need... needs) {
        return of(module, code, List.of(needs));
    }

    static Form of(String module, String code, List<Need> needs) {
        return new Form(module, code, List.of(), needs, List.of(), List.of());
    }

    /** This form, told the values of these terms as well. */
    public Form told(String... terms) {
        return told(List.of(terms));
    }

    private Form told(List<String> terms) {
        return new Form(module, code, terms, needs, rules, products);
    }

    /** This form where what it is told is told in a group of arguments. */
    Form in(String group) {
        var terms = new Terms(group);
        return told(told.stream().map(terms::grouped).toList());
    }

    /** This form with rules of dune's. */
    public Form rules(String... added) {
        return new Form(module, code, told, needs, List.of(added), products);
    }

    /** This form with files that are kept. */
    public Form products(String... added) {
        return new Form(module, code, told, needs, rules, List.of(added));
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
