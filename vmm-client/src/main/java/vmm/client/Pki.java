package vmm.client;

import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import vmm.client.pki.Authority;
import vmm.client.pki.Issuing;
import vmm.client.pki.Issuing.Role;
import vmm.client.pki.KeyType;
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
                Duration validity = days(days);
                Duration serverValidity = days(serverDays);
                KeyPair keys = PemFiles.keyOrFresh(Path.of(name + ".key"), keyType);
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
                PemFiles.write(Path.of("cacert.pem"), PemFiles.text(ca));
                KeyPair own = PemFiles.keyOrFresh(Path.of(server + ".key"), keyType);
                X509Certificate certificate =
                        Authority.of(ca, keys.getPrivate())
                                .sign(
                                        Issuing.commonName(server),
                                        own.getPublic(),
                                        Role.SERVER,
                                        Optional.empty(),
                                        serverValidity);
                record(db, certificate, server);
                PemFiles.write(Path.of(server + ".pem"), PemFiles.text(certificate));
                terminal.say("vmm: made cacert.pem and " + server + ".pem, and their keys");
                return ExitCode.OK;
            } catch (PkiProblem problem) {
                throw ClientFailure.of(problem);
            }
        }
    }

    /** How long something is to be valid. */
    static Duration days(int days) throws PkiProblem {
        if (days < 1 || days > DAYS_MAX) {
            throw new PkiProblem("--days " + days + ": name 1 to " + DAYS_MAX);
        }
        return Duration.ofDays(days);
    }

    /** Notes what was signed. */
    static void record(Path db, X509Certificate certificate, String name) throws PkiProblem {
        PemFiles.append(db, certificate.getSerialNumber().toString(16) + " " + name + "\n");
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
                X509Certificate issuer = PemFiles.certificates(ca).getFirst();
                Authority authority = Authority.of(issuer, PemFiles.key(key));
                var asked = PemFiles.request(request);
                String name = fileName(Issuing.commonName(asked.getSubject()));
                Optional<vmm.wire.Command> command =
                        Issuing.asked(asked).map(CertExtension::command);
                if (command.isPresent()) {
                    authority.allow(command.get());
                }
                Role role =
                        command.map(c -> c instanceof PolicyAdd ? Role.CA : Role.CLIENT)
                                .orElse(Role.SERVER);
                int usual = role == Role.CLIENT ? COMMAND_DAYS : POLICY_DAYS;
                int validity = days != null ? days : usual;
                X509Certificate signed =
                        authority.sign(
                                asked.getSubject(),
                                Issuing.publicKey(asked),
                                role,
                                command,
                                days(validity));
                record(db, signed, name);
                PemFiles.write(
                        Path.of(name + ".pem"),
                        PemFiles.text(signed)
                                + (authority.isSelfSigned() ? "" : PemFiles.text(issuer)));
                terminal.say("vmm: signed " + name + ".pem, valid for " + validity + " days");
                return ExitCode.OK;
            } catch (PkiProblem problem) {
                throw ClientFailure.of(problem);
            }
        }

        private static String fileName(Optional<String> name) throws PkiProblem {
            if (name.isEmpty()) {
                throw new PkiProblem("the request has no common name, make another one");
            }
            if (name.get().contains("/") || name.get().contains("\0")) {
                throw new PkiProblem("the request's name is no file name: " + name.get());
            }
            return RemoteOptions.fileName(name.get());
        }
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
            if (common.remote.destination == null) {
                throw ClientFailure.usage("no destination provided: add --destination HOST[:PORT]");
            }
            try {
                PrivateKey own = PemFiles.key(key);
                var chain = PemFiles.certificates(certificate);
                var _ = Authority.of(chain.getFirst(), own);
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
