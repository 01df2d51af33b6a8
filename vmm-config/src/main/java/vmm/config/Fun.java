package vmm.config;

/** A functor that makes an {@code R} of an {@code A}. */
public record Fun<A extends Implementation, R extends Implementation>(
        Node node, Typ<Fun<A, R>> typ, Typ<A> argument, Typ<R> result) implements Implementation {
    /** Applies this to {@code argument}; one of another kind does not compile. */
    public R $(A argument) {
        return result.wrap(new Node.App(node, argument.node()));
    }
}
