package vmm.client;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import vmm.client.pki.Authority;
import vmm.client.pki.Issuing;
import vmm.client.pki.Issuing.Role;
import vmm.client.pki.KeyType;
import vmm.client.pki.NewFiles;
import vmm.client.pki.PemFiles;
import vmm.client.pki.PkiProblem;
import vmm.client.tls.TlsLink;
import vmm.wire.CertExtension;
import vmm.wire.Command.PolicyAdd;
import vmm.wire.Data;
import vmm.wire.Message;

/** The commands about keys and certificates that albatross-client has. */
final class Pki {
    private static final int CA_DAYS = 3650;
    private static final int POLICY_DAYS = 365;
    private static final int COMMAND_DAYS = 1;
    private static final int DAYS_MAX = 36_500;

    /** X.509's bound of a common name (RFC 5280, ub-common-name). */
    private static final int NAME_CHARS_MAX = 64;

    private Pki() {}

    @Command(name = "generate", description = "Make a CA, and a certificate of a server.")
    static final class Generate implements Callable<Integer> {
        private final Terminal terminal;

        @Parameters(index = "0", paramLabel = "NAME", description = "of the CA")
        String name = "";

        @Parameters(index = "1", paramLabel = "DB", description = "file that lists what was signed")
        Path db = Path.of("");

        @Option(names = "--days", description = "of the CA (default: 3650)")
        int days = CA_DAYS;

        @Option(names = "--server", description = "name of the server (default: server)")
        String server = "server";

        @Option(names = "--server-days", description = "of the server (default: 365)")
        int serverDays = POLICY_DAYS;

        @Option(names = "--key-type", description = "${COMPLETION-CANDIDATES} (default: ed25519)")
        KeyType keyType = KeyType.ed25519;

        Generate(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            try {
                Duration validity = days("--days", days);
                Duration serverValidity = days("--server-days", serverDays);
                String caFile = fileName(name);
                String serverFile = fileName(server);
                var files = new NewFiles();
                KeyPair keys = files.keyOrFresh(Path.of(caFile + ".key"), keyType);
                var subject = Issuing.commonName(name);
                X509Certificate ca =
                        Issuing.certificate(
                                new Issuing.Signer(subject, keys.getPrivate(), keys.getPublic()),
                                subject,
                                keys.getPublic(),
                                Role.CA,
                                Optional.empty(),
                                validity,
                                false);
                files.put(Path.of("cacert.pem"), PemFiles.text(ca));
                KeyPair own = files.keyOrFresh(Path.of(serverFile + ".key"), keyType);
                X509Certificate certificate =
                        Authority.of(ca, keys.getPrivate())
                                .sign(
                                        Issuing.commonName(server),
                                        own.getPublic(),
                                        Role.SERVER,
                                        Optional.empty(),
                                        serverValidity);
                files.put(Path.of(serverFile + ".pem"), PemFiles.text(certificate));
                files.record(db, certificate, server);
                files.make();
                terminal.say("vmm: made cacert.pem and " + server + ".pem, and their keys");
                return ExitCode.OK;
            } catch (PkiProblem problem) {
                throw ClientFailure.of(problem);
            }
        }
    }

    /**
     * How long something is to be valid.
     *
     * @param option what told it
     */
    static Duration days(String option, int days) throws PkiProblem {
        if (days < 1 || days > DAYS_MAX) {
            throw new PkiProblem(option + " " + days + ": name 1 to " + DAYS_MAX);
        }
        return Duration.ofDays(days);
    }

    /** What the files of a certificate are called. */
    private static String fileName(String name) throws PkiProblem {
        boolean strange = name.chars().anyMatch(c -> c == '/' || Character.isISOControl(c));
        if (strange || name.isBlank() || name.startsWith(".")) {
            throw new PkiProblem(
                    "'"
                            + Visible.text(name)
                            + "' cannot name a file: write letters, digits and '-' alone");
        }
        if (name.length() > NAME_CHARS_MAX) {
            throw new PkiProblem(
                    "a name has at most " + NAME_CHARS_MAX + " characters: shorten " + name);
        }
        return name;
    }

    @Command(name = "sign", description = "Sign a request: a policy, a command or a server.")
    static final class Sign implements Callable<Integer> {
        private final Terminal terminal;

        @Parameters(index = "0", paramLabel = "CACERT")
        Path ca = Path.of("");

        @Parameters(index = "1", paramLabel = "DB")
        Path db = Path.of("");

        @Parameters(index = "2", paramLabel = "CAKEY")
        Path key = Path.of("");

        @Parameters(index = "3", paramLabel = "CSR")
        Path request = Path.of("");

        @Option(names = "--days", description = "(default: 365, for a command 1)")
        @Nullable Integer days;

        Sign(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            try {
                Authority authority = PemFiles.authority(ca, key);
                authority.checkTime();
                var asked = PemFiles.request(request);
                String subject = subject(asked);
                Path file = Path.of(fileName(RemoteOptions.fileName(subject)) + ".pem");
                Optional<CertExtension> stated = Issuing.asked(asked);
                if (stated.isPresent()) {
                    authority.allow(stated.get().command());
                }
                if (Issuing.isEnrolment(asked)) {
                    throw new PkiProblem(
                            request
                                    + " asks for a path of its own: vmm delegate "
                                    + subject
                                    + " UNIKERNELS signs it, with the policy");
                }
                Role role =
                        stated.map(s -> s.command() instanceof PolicyAdd ? Role.CA : Role.CLIENT)
                                .orElse(Role.SERVER);
                int usual = role == Role.CLIENT ? COMMAND_DAYS : POLICY_DAYS;
                int validity = days != null ? days : usual;
                X509Certificate signed =
                        authority.sign(
                                asked.getSubject(),
                                Issuing.publicKey(asked),
                                role,
                                stated,
                                days("--days", validity));
                checkReplaces(file, signed);
                var files = new NewFiles(ca, key, request);
                files.put(file, PemFiles.text(signed) + intermediates(ca));
                Optional<String> before = keepBefore(files, authority, file);
                files.record(db, signed, subject);
                files.make();
                before.ifPresent(terminal::say);
                if (role == Role.SERVER) {
                    terminal.say(
                            "vmm: "
                                    + request
                                    + " asks for neither a policy nor a command: "
                                    + file
                                    + " is for a server, and commands nothing");
                }
                terminal.say("vmm: signed " + file + ", valid for " + validity + " days");
                return ExitCode.OK;
            } catch (PkiProblem problem) {
                throw ClientFailure.of(problem);
            }
        }

        /** What a server needs between the CA that it knows and what is signed. */
        private static String intermediates(Path ca) throws PkiProblem {
            var text = new StringBuilder();
            for (X509Certificate one : PemFiles.certificates(ca)) {
                if (!one.getSubjectX500Principal().equals(one.getIssuerX500Principal())) {
                    text.append(PemFiles.text(one));
                }
            }
            return text.toString();
        }

        private static String subject(PKCS10CertificationRequest asked) throws PkiProblem {
            return Issuing.commonName(asked.getSubject())
                    .orElseThrow(
                            () ->
                                    new PkiProblem(
                                            "the request has no common name, make another one"));
        }
    }

    /** Who asks chooses the name, and must not take the place of the server by it. */
    static void checkReplaces(Path file, X509Certificate signed) throws PkiProblem {
        if (Files.notExists(file)) {
            return;
        }
        X509Certificate before = PemFiles.certificates(file).getFirst();
        if (Issuing.isServers(before) && !before.getPublicKey().equals(signed.getPublicKey())) {
            throw new PkiProblem(file + " is a server's: sign this one in another folder");
        }
    }

    /**
     * What was signed before holds until it is revoked, and revoking needs its file: says where it
     * is kept.
     */
    static Optional<String> keepBefore(NewFiles files, Authority authority, Path file)
            throws PkiProblem {
        if (Files.notExists(file)) {
            return Optional.empty();
        }
        X509Certificate before = PemFiles.certificates(file).getFirst();
        Instant end = before.getNotAfter().toInstant();
        if (!authority.hasSigned(before) || end.isBefore(Instant.now())) {
            return Optional.empty();
        }
        String name = file.toString().replaceFirst("\\.pem$", "");
        Path kept = Path.of(name + "-" + before.getSerialNumber().toString(16) + ".pem");
        files.put(kept, PemFiles.text(before));
        return Optional.of(
                "vmm: the certificate before is good until "
                        + end
                        + ": vmm revoke takes it back, it is in "
                        + kept);
    }

    @Command(name = "certificate", description = "Show a signed certificate to a server.")
    static final class Present implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();

        @Parameters(index = "0", paramLabel = "CERTIFICATE")
        Path certificate = Path.of("");

        @Parameters(index = "1", paramLabel = "KEY")
        Path key = Path.of("");

        Present(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            if (common.remote.destination == null || common.remote.sendsNothing()) {
                throw ClientFailure.usage("no destination provided: add --destination HOST[:PORT]");
            }
            try {
                PrivateKey own = PemFiles.authority(certificate, key).key();
                var chain = PemFiles.certificates(certificate);
                if (!Issuing.isClients(chain.getFirst())) {
                    throw new PkiProblem(
                            certificate + " is not for clients: name one that says a command");
                }
                TlsLink link = common.remote.connect(new TlsLink.Credentials(chain, own));
                try (Conversation talk = Conversation.over(link, common.remote)) {
                    var desk = new Desk(terminal, common);
                    desk.show(Desk.success(talk.answer()));
                    for (var next = talk.next(); next.isPresent(); next = talk.next()) {
                        show(desk, next.get());
                    }
                }
                return ExitCode.OK;
            } catch (PkiProblem problem) {
                throw ClientFailure.of(problem);
            }
        }

        private void show(Desk desk, Message message) throws ClientFailure {
            if (message.payload()
                    instanceof Message.Payload.Told(Data.ConsoleLine(_, var time, var line))) {
                terminal.out().println(Render.time(time) + " " + Visible.text(line));
                terminal.out().flush();
            } else if (!(message.payload() instanceof Message.Payload.Told)) {
                desk.show(Desk.success(message));
            }
        }
    }
}
