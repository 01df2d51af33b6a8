package vmm.client;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import vmm.client.pki.Authority;
import vmm.client.pki.Issuing;
import vmm.client.pki.KeyType;
import vmm.client.pki.NewFiles;
import vmm.client.pki.PemFiles;
import vmm.client.pki.PkiProblem;
import vmm.client.tls.TlsLink;
import vmm.client.tls.TlsProblem;
import vmm.core.Bytes;
import vmm.core.Label;
import vmm.core.Name;
import vmm.wire.CertExtension;
import vmm.wire.Command;
import vmm.wire.Header;
import vmm.wire.Message;

/** The options that send a command to another host, or into a signing request. */
final class RemoteOptions {
    private static final int PORT = 1025;
    static final int PORT_MAX = 65_535;

    /** How long a self-made certificate lives: one command's time. */
    private static final Duration LEAF_VALIDITY = Duration.ofMinutes(5);

    @Option(
            names = {"-d", "--destination"},
            paramLabel = "HOST[:PORT]",
            description = "endpoint of another host (port 1025); - prints the certificates")
    @Nullable String destination;

    @Option(names = "--csr", description = "write a signing request and its key, send nothing")
    boolean csr;

    @Option(names = "--ca", description = "certificate that signs the command (default: ca.pem)")
    Path ca = Path.of("ca.pem");

    @Option(names = "--ca-key", description = "its key (default: ca.key)")
    Path caKey = Path.of("ca.key");

    @Option(names = "--server-ca", description = "CA of the server (default: cacert.pem)")
    Path serverCa = Path.of("cacert.pem");

    @Option(names = "--key-type", description = "${COMPLETION-CANDIDATES} (default: ed25519)")
    KeyType keyType = KeyType.ed25519;

    boolean isUsed() {
        return csr || destination != null;
    }

    boolean sendsNothing() {
        return csr || "-".equals(destination);
    }

    static Command command(Message request) {
        if (request.payload() instanceof Message.Payload.Asked(var command)) {
            return command;
        }
        throw new IllegalArgumentException("only questions are asked");
    }

    /** Signs the command and connects. */
    TlsLink open(Message request, Release release) throws ClientFailure {
        var _ = address();
        try {
            return connect(credentials(request, release.streams()));
        } catch (PkiProblem problem) {
            throw ClientFailure.of(problem);
        }
    }

    TlsLink connect(TlsLink.Credentials own) throws ClientFailure {
        try {
            X509Certificate trusted = PemFiles.certificates(serverCa).getFirst();
            return TlsLink.open(address(), own, trusted);
        } catch (TlsProblem problem) {
            throw ClientFailure.of(problem);
        } catch (PkiProblem problem) {
            throw ClientFailure.of(problem);
        }
    }

    /** HOST, HOST:PORT, an IPv6 address, or one in brackets with a port. */
    private InetSocketAddress address() throws ClientFailure {
        String given = String.valueOf(destination);
        int colon = given.lastIndexOf(':');
        boolean hasPort = colon >= 0 && (given.indexOf(':') == colon || given.contains("]:"));
        String host = hasPort ? given.substring(0, colon) : given;
        String digits = hasPort ? given.substring(colon + 1) : Integer.toString(PORT);
        if (host.isBlank()) {
            throw ClientFailure.usage("--destination " + given + ": write it as HOST[:PORT]");
        }
        int port = digits.matches("[0-9]{1,5}") ? Integer.parseInt(digits) : 0;
        if (port == 0 || port > PORT_MAX) {
            throw ClientFailure.usage(
                    "--destination " + given + ": '" + digits + "' is no port, 1025 is usual");
        }
        return InetSocketAddress.createUnresolved(host, port);
    }

    /** What the certificate of a command about everything is called. */
    private static final String ROOT = ".";

    /** What the certificate of a command is called. */
    private static String subject(Message request) throws PkiProblem {
        Name name = request.header().name();
        if (command(request) instanceof Command.Policies) {
            return policySubject(name.path());
        }
        if (!name.path().isRoot()) {
            throw new PkiProblem(
                    "the name "
                            + name
                            + " has a path, which is what the CA's certificate gives it: write "
                            + name.label().map(Label::text).orElse(":"));
        }
        return name.label().map(Label::text).orElse(ROOT);
    }

    private static String policySubject(vmm.core.Path path) throws PkiProblem {
        if (path.depth() > 1) {
            throw new PkiProblem(
                    "the path "
                            + path
                            + " has more than one label, the CA's certificates give it the others:"
                            + " write "
                            + path.labels().getLast().text());
        }
        return path.isRoot() ? ROOT : path.labels().getFirst().text();
    }

    /** What the files of a subject are called: that of the root would be hidden. */
    static String fileName(String subject) {
        return List.of(ROOT, "", ":").contains(subject) ? "request" : subject;
    }

    /** Writes request and key; what has been done. */
    String writeRequest(Message request) throws ClientFailure {
        try {
            String subject = subject(request);
            String base = fileName(subject);
            Path key = Path.of(base + ".key");
            Path file = Path.of(base + ".req");
            var files = new NewFiles();
            KeyPair keys = files.keyOrFresh(key, keyType);
            var asking = Issuing.request(keys, subject, stated(request));
            files.put(file, PemFiles.text(asking));
            files.make();
            return "wrote " + file + " for the CA to sign; its key is " + key;
        } catch (PkiProblem problem) {
            throw ClientFailure.of(problem);
        }
    }

    /** The chain that would be sent, to be read. */
    String certificates(Message request) throws ClientFailure {
        try {
            List<X509Certificate> chain = credentials(request, false).chain();
            var text = new StringBuilder("intermediate:\n");
            for (X509Certificate one : chain.subList(1, chain.size())) {
                text.append(PemFiles.text(one)).append('\n');
            }
            return text.append("leaf:\n").append(PemFiles.text(chain.getFirst())).toString();
        } catch (PkiProblem problem) {
            throw ClientFailure.of(problem);
        }
    }

    /**
     * @param imageFollows true where an image is sent after the handshake, and not in it
     */
    TlsLink.Credentials credentials(Message request, boolean imageFollows) throws PkiProblem {
        CertExtension stated = stated(request);
        List<X509Certificate> above = PemFiles.certificates(ca);
        Authority issuer = PemFiles.authority(ca, caKey);
        issuer.allow(stated.command());
        for (X509Certificate one : above) {
            checkVersion(one, stated.version());
        }
        KeyPair keys = keyType.generate();
        var chain = new ArrayList<X509Certificate>();
        chain.add(
                issuer.sign(
                        Issuing.commonName(subject(request)),
                        keys.getPublic(),
                        Issuing.Role.CLIENT,
                        Optional.of(imageFollows ? withoutImage(stated) : stated),
                        LEAF_VALIDITY));
        chain.addAll(above);
        return new TlsLink.Credentials(chain, keys.getPrivate());
    }

    /** Servers of old releases refuse what newer ones say, without a word. */
    private static void checkVersion(X509Certificate above, Header.Version spoken)
            throws PkiProblem {
        Optional<Header.Version> version = Issuing.stated(above).map(CertExtension::version);
        if (version.isPresent() && version.get().compareTo(spoken) > 0) {
            throw new PkiProblem(
                    above.getSubjectX500Principal()
                            + " has a policy that servers of that release cannot read: have it"
                            + " signed from a request made with the same --wire-release");
        }
    }

    /** The command as it stands in a certificate, in the version that is spoken. */
    private static CertExtension stated(Message request) {
        return new CertExtension(request.header().version(), command(request));
    }

    private static CertExtension withoutImage(CertExtension stated) {
        return stated.command() instanceof Command.Create(var force, var form, var config)
                ? new CertExtension(
                        stated.version(),
                        new Command.Create(
                                force, form, config.withImage(config.compressed(), Bytes.EMPTY)))
                : stated;
    }
}
