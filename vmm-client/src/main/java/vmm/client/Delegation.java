package vmm.client;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.bouncycastle.asn1.x500.X500Name;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import vmm.client.pki.Authority;
import vmm.client.pki.Issuing;
import vmm.client.pki.KeyType;
import vmm.client.pki.Lint;
import vmm.client.pki.NewFiles;
import vmm.client.pki.PemFiles;
import vmm.client.pki.PkiProblem;
import vmm.core.Label;
import vmm.core.Name;
import vmm.wire.CertExtension;
import vmm.wire.Header;

/** The commands that give a part of what one may use to others, and take it back. */
final class Delegation {
    private Delegation() {}

    @Command(
            name = "enrol",
            description = "Make a key and a request for delegate, on the host of who will use it.")
    static final class Enrol implements Callable<Integer> {
        private final Terminal terminal;

        @Parameters(index = "0", paramLabel = "NAME", description = "a label, as it is delegated")
        String given = "";

        @Option(names = "--key-type", description = "${COMPLETION-CANDIDATES} (default: ed25519)")
        KeyType keyType = KeyType.ed25519;

        Enrol(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            String name = label(given);
            try {
                var files = new NewFiles();
                KeyPair keys = files.keyOrFresh(Path.of(name + ".key"), keyType);
                var request = Issuing.enrolment(keys, name);
                files.put(Path.of(name + ".req"), PemFiles.text(request));
                files.make();
            } catch (PkiProblem problem) {
                throw ClientFailure.of(problem);
            }
            terminal.say(
                    String.format(
                            "vmm: give %1$s.req to whom it may delegate, keep %1$s.key; with the"
                                    + " %1$s.pem that comes back:",
                            name));
            terminal.say(
                    String.format(
                            "  vmm info -d HOST --ca %1$s.pem --ca-key %1$s.key --server-ca"
                                    + " %1$s-server.pem",
                            name));
            return ExitCode.OK;
        }
    }

    /** A name as it will stand in the path, and name files. */
    private static String label(String given) throws ClientFailure {
        String label = Label.lower(given);
        Optional<String> problem = Label.problem(label).or(() -> Name.parse(label).fileProblem());
        if (problem.isPresent()) {
            throw ClientFailure.usage(problem.get());
        }
        return label;
    }

    @Command(
            name = "delegate",
            description = "Sign NAME.req of enrol as a path of its own, with a policy: NAME.pem.")
    static final class Delegate implements Callable<Integer> {
        private final Terminal terminal;

        @Parameters(index = "0", paramLabel = "NAME", description = "of the path below the CA's")
        String given = "";

        @Parameters(index = "1", paramLabel = "UNIKERNELS", description = "how many may run")
        long unikernels;

        @Mixin PolicyOptions policy = new PolicyOptions();

        @Option(names = "--ca", description = "certificate that signs (default: cacert.pem)")
        Path ca = Path.of("cacert.pem");

        @Option(names = "--ca-key", required = true, description = "its key")
        Path caKey = Path.of("");

        @Option(names = "--db", description = "file that lists what was signed (default: db)")
        Path db = Path.of("db");

        @Option(names = "--days", description = "it is valid (default: 365)")
        int days = 365;

        Delegate(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            String name = label(given);
            var command = new vmm.wire.Command.PolicyAdd(policy.toPolicy(unikernels));
            Optional<String> before;
            try {
                List<X509Certificate> above = PemFiles.certificates(ca);
                Authority authority = PemFiles.authority(ca, caKey);
                authority.checkTime();
                authority.allow(command);
                X509Certificate serverCa = serverCa(above);
                Path requestFile = Path.of(name + ".req");
                String next = ": have it made by vmm enrol " + name;
                if (Files.notExists(requestFile)) {
                    throw new PkiProblem("no such file: " + requestFile + next);
                }
                var request = PemFiles.request(requestFile);
                X500Name subject = Issuing.commonName(name);
                if (!request.getSubject().equals(subject)) {
                    throw new PkiProblem(
                            requestFile
                                    + " is of "
                                    + request.getSubject()
                                    + ", not of "
                                    + name
                                    + next);
                }
                X509Certificate signed =
                        authority.sign(
                                subject,
                                Issuing.publicKey(request),
                                Issuing.Role.CA,
                                Optional.of(new CertExtension(Header.Version.AV5, command)),
                                Pki.days("--days", days));
                var chain = new StringBuilder(PemFiles.text(signed));
                for (X509Certificate one : above) {
                    chain.append(PemFiles.text(one));
                }
                var files = new NewFiles(ca, caKey, requestFile);
                Path file = Path.of(name + ".pem");
                Pki.checkReplaces(file, signed);
                before = Pki.keepBefore(files, authority, file);
                files.put(file, chain.toString());
                files.put(Path.of(name + "-server.pem"), PemFiles.text(serverCa));
                files.record(db, signed, name);
                files.make();
            } catch (PkiProblem problem) {
                throw ClientFailure.of(problem);
            }
            before.ifPresent(terminal::say);
            terminal.say("vmm: give " + name + ".pem and " + name + "-server.pem to " + name);
            return ExitCode.OK;
        }

        private X509Certificate serverCa(List<X509Certificate> above) throws PkiProblem {
            X509Certificate last = above.getLast();
            if (!last.getSubjectX500Principal().equals(last.getIssuerX500Principal())) {
                throw new PkiProblem(
                        ca
                                + " does not end in the server's CA: append that one's cacert.pem to it");
            }
            return last;
        }
    }

    @Command(
            name = "revoke",
            description =
                    "Put a certificate on its CA's revocation list, for the endpoint's --crls.")
    static final class Revoke implements Callable<Integer> {
        private final Terminal terminal;

        @Parameters(index = "0", paramLabel = "CACERT")
        Path ca = Path.of("");

        @Parameters(index = "1", paramLabel = "CAKEY")
        Path key = Path.of("");

        @Parameters(index = "2", paramLabel = "CERTIFICATE", description = "what is revoked")
        Path certificate = Path.of("");

        @Option(names = "--crl", description = "the list (default: named after the CA, .crl)")
        @Nullable Path crl;

        @Option(names = "--days", description = "until the next list is due (default: 365)")
        int days = 365;

        Revoke(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            try {
                Authority authority = PemFiles.authority(ca, key);
                X509Certificate revoked = PemFiles.certificates(certificate).getFirst();
                if (revoked.equals(authority.certificate())) {
                    throw new PkiProblem(
                            certificate
                                    + " is the CA itself: start the endpoint with another CA, or"
                                    + " revoke it by the CA that signed it");
                }
                if (!authority.hasSigned(revoked)) {
                    throw new PkiProblem(
                            certificate + " was not signed by " + ca + ", name the CA that did");
                }
                Path list = crl != null ? crl : named(authority.name());
                Optional<X509CRL> before =
                        Files.exists(list) ? Optional.of(PemFiles.crl(list)) : Optional.empty();
                X509CRL next =
                        authority.revoke(
                                before, revoked.getSerialNumber(), Pki.days("--days", days));
                var files = new NewFiles(ca, key, certificate);
                files.put(list, PemFiles.text(next));
                files.make();
                terminal.say("vmm: revoked; put " + list + " into the endpoint's folder of lists");
                return ExitCode.OK;
            } catch (PkiProblem problem) {
                throw ClientFailure.of(problem);
            }
        }

        private static Path named(X500Name authority) {
            String name = Issuing.commonName(authority).orElse("ca").replace('/', '_');
            return Path.of(name + ".crl");
        }
    }

    @Command(
            name = "lint",
            description =
                    "Say what an endpoint would refuse in a chain or a request, or soon will.")
    static final class Look implements Callable<Integer> {
        private final Terminal terminal;

        @Parameters(index = "0", paramLabel = "FILE", description = "a chain, or a request")
        Path file = Path.of("");

        Look(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            try {
                List<String> found =
                        PemFiles.isRequest(file)
                                ? Lint.request(PemFiles.request(file))
                                : Lint.chain(PemFiles.certificates(file), Instant.now());
                found.forEach(line -> terminal.out().println(Visible.text(line)));
                return found.isEmpty() ? ExitCode.OK : ExitCode.CHAIN_FAILURE;
            } catch (PkiProblem problem) {
                throw ClientFailure.of(problem);
            }
        }
    }
}
