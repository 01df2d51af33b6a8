package vmm.tls.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import vmm.core.Bytes;
import vmm.core.Label;
import vmm.core.Name;
import vmm.core.Path;
import vmm.core.Policy;
import vmm.wire.CertExtension;
import vmm.wire.Command;
import vmm.wire.Decoded;
import vmm.wire.Header;
import vmm.wire.der.WireCodec;

/** What became of a chain: a command with its policies, or a refusal (BEHAVIOUR 11). */
public sealed interface Admission {
    /** A chain must have fewer certificates than this, the CA's not counted twice. */
    int CHAIN_CERTIFICATES_MAX = 10;

    /** The policy of a path on the way down. */
    record Delegated(Path path, Policy policy) {}

    /**
     * @param policies to be added before the command, from the CA downwards
     */
    record Of(Header.Version version, Name name, List<Delegated> policies, Command command)
            implements Admission {
        public Of {
            policies = List.copyOf(policies);
        }
    }

    /**
     * @param name as far down as the chain could be read
     */
    record Refused(Header.Version version, Name name, Refusal why) implements Admission {}

    /**
     * Reads a chain.
     *
     * @param chain leaf first, every signature in it already checked
     */
    static Admission of(List<Presented> chain) {
        Path path = Path.ROOT;
        if (chain.isEmpty() || chain.size() >= CHAIN_CERTIFICATES_MAX) {
            return refused(path, new Refusal.ChainTooLong(chain.size()));
        }
        var policies = new ArrayList<Delegated>();
        for (Presented certificate : chain.subList(1, chain.size()).reversed()) {
            if (certificate.extension().isEmpty()) {
                continue;
            }
            String where = where(path, certificate);
            switch (WireCodec.decodeCertExtension(certificate.extension().get())) {
                case Decoded.Malformed<CertExtension>(var offset, var why, _) -> {
                    return refused(path, new Refusal.Malformed(where, offset, why));
                }
                case Decoded.Of<CertExtension>(var extension) -> {
                    if (!(extension.command() instanceof Command.PolicyAdd(var policy))) {
                        return refused(path, new Refusal.NoPolicy(where));
                    }
                    Optional<String> problem = labelProblem(certificate);
                    if (problem.isPresent()) {
                        return refused(path, new Refusal.BadName(problem.get()));
                    }
                    path = path.child(Label.of(certificate.commonNames().getFirst()));
                    Optional<String> grows = grows(policies, policy);
                    if (grows.isPresent()) {
                        return refused(path, new Refusal.PolicyGrows(path, grows.get()));
                    }
                    policies.add(new Delegated(path, policy));
                }
            }
        }
        return leaf(path, policies, chain.getFirst());
    }

    private static Optional<String> grows(List<Delegated> above, Policy policy) {
        Optional<String> unusable = policy.unusable();
        if (unusable.isPresent() || above.isEmpty()) {
            return unusable;
        }
        return policy.exceeds(above.getLast().policy());
    }

    private static Admission leaf(Path path, List<Delegated> policies, Presented leaf) {
        Optional<Bytes> value = leaf.extension();
        if (value.isEmpty()) {
            return refused(path, new Refusal.NoCommand());
        }
        return switch (WireCodec.decodeCertExtension(value.get())) {
            case Decoded.Malformed<CertExtension>(var offset, var why, _) ->
                    refused(path, new Refusal.Malformed("the leaf", offset, why));
            case Decoded.Of<CertExtension>(var extension) -> {
                if (namesPath(leaf)) {
                    yield allowed(extension, Name.of(path), policies);
                }
                Optional<String> problem = labelProblem(leaf);
                yield problem.isPresent()
                        ? new Refused(
                                extension.version(),
                                Name.of(path),
                                new Refusal.BadName(problem.get()))
                        : allowed(
                                extension,
                                Name.of(path, Label.of(leaf.commonNames().getFirst())),
                                policies);
            }
        };
    }

    private static Admission allowed(CertExtension extension, Name name, List<Delegated> policies) {
        Command command = extension.command();
        return switch (command) {
            case Command.ConsoleSubscribe _,
                    Command.ConsoleListInactive _,
                    Command.StatsSubscribe _,
                    Command.Unikernel _,
                    Command.PolicyInfo _,
                    Command.Block _ ->
                    new Of(extension.version(), name, policies, command);
            case Command.ConsoleAdd _ -> outside(extension, name, "console add");
            case Command.StatsAdd _ -> outside(extension, name, "stats add");
            case Command.StatsRemove _ -> outside(extension, name, "stats remove");
            case Command.StatsInitial _ -> outside(extension, name, "stats initial");
            case Command.PolicyAdd _ -> outside(extension, name, "policy add");
            case Command.PolicyRemove _ -> outside(extension, name, "policy remove");
        };
    }

    private static Admission outside(CertExtension extension, Name name, String command) {
        return new Refused(extension.version(), name, new Refusal.NotFromOutside(command));
    }

    private static Admission refused(Path path, Refusal why) {
        return new Refused(Header.Version.AV5, Name.of(path), why);
    }

    /** True for a leaf that is about the path itself: named {@code .}, {@code :}, empty or none. */
    private static boolean namesPath(Presented leaf) {
        List<String> names = leaf.commonNames();
        return names.isEmpty()
                || (names.size() == 1 && List.of("", ".", ":").contains(names.getFirst()));
    }

    private static Optional<String> labelProblem(Presented certificate) {
        List<String> names = certificate.commonNames();
        return switch (names.size()) {
            case 0 -> Optional.of("a certificate with a policy has no common name");
            case 1 -> Label.problem(Label.lower(names.getFirst()));
            default -> Optional.of("a certificate has more than one common name");
        };
    }

    private static String where(Path path, Presented certificate) {
        return path
                + (certificate.commonNames().isEmpty()
                        ? "?"
                        : certificate.commonNames().getFirst());
    }
}
