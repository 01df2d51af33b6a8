package vmm.client;

import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import vmm.core.Name;
import vmm.core.Path;

/** The commands about what paths may use. */
final class Policies {
    private Policies() {}

    @Command(name = "policy", description = "Show the policies at and below a path.")
    static final class Show implements Plain, Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();

        @Option(
                names = {"-p", "--path"},
                converter = Spelling.OfPath.class,
                description = "path to start from (default: the root)")
        Path path = Path.ROOT;

        @Parameters(
                index = "0",
                arity = "0..1",
                paramLabel = "explain",
                completionCandidates = Explain.class,
                description = "show what every policy above PATH allows, has in use and leaves")
        @Nullable String explain;

        @Parameters(
                index = "1",
                arity = "0..1",
                paramLabel = "PATH",
                converter = Spelling.OfPath.class)
        @Nullable Path explained;

        /** The only word that may follow. */
        static final class Explain implements Iterable<String> {
            @Override
            public Iterator<String> iterator() {
                return List.of("explain").iterator();
            }
        }

        Show(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public SharedOptions common() {
            return common;
        }

        @Override
        public Integer call() throws ClientFailure {
            if (explain != null) {
                return explain(explain, explained == null ? path : explained);
            }
            return new Desk(terminal, common).ask(Name.of(path), new vmm.wire.Command.PolicyInfo());
        }

        private int explain(String word, Path at) throws ClientFailure {
            if (!word.equals("explain")) {
                throw ClientFailure.usage("'" + word + "': write vmm policy explain PATH");
            }
            var desk = new Desk(terminal, common);
            var explanation = new Explanation(at, Host.ask(desk).resources());
            explanation.print(terminal, common);
            return ExitCode.OK;
        }
    }

    @Command(
            name = "add-policy",
            aliases = "replace-policy",
            description = "Say what everything at and below a path may use, in sum.")
    static final class Add implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();

        @Parameters(index = "0", paramLabel = "PATH", converter = Spelling.OfPath.class)
        Path path = Path.ROOT;

        @Parameters(index = "1", paramLabel = "UNIKERNELS", description = "how many may run")
        long unikernels;

        @Mixin PolicyOptions policy = new PolicyOptions();

        Add(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            return new Desk(terminal, common)
                    .ask(
                            Name.of(path),
                            new vmm.wire.Command.PolicyAdd(policy.toPolicy(unikernels)));
        }
    }

    @Command(name = "remove-policy", description = "Remove the policy of a path.")
    static final class Remove implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();

        @Option(
                names = {"-p", "--path"},
                converter = Spelling.OfPath.class,
                description = "the path (default: the root)")
        Path path = Path.ROOT;

        Remove(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            return new Desk(terminal, common)
                    .ask(Name.of(path), new vmm.wire.Command.PolicyRemove());
        }
    }
}
