package vmm.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A fuzz target: a client's leaf, and its chain. Its main writes what a fuzzer starts from. */
public final class ChainFuzz {
    private static final Certificates.Holder CA = Certificates.root("the CA");
    private static final Chains CHAINS =
            new Chains(
                    CA.shown(),
                    new Revocations(Path.of("none"), Optional.empty()),
                    Clock.systemUTC());

    private ChainFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        Shown leaf;
        try {
            leaf = Shown.read(Certificates.CRYPTO, bytes);
        } catch (IOException malformed) {
            return;
        }
        try {
            Handshake.readable(List.of(leaf));
            List<Shown> chain = CHAINS.check(List.of(leaf, CA.shown()));
            throw new AssertionError("accepted, and never signed: " + chain);
        } catch (Chains.Rejected refused) {
            Objects.requireNonNull(refused.cause());
        }
    }

    public static void main(String[] args) throws IOException, CertificateEncodingException {
        Path folder = Files.createDirectories(Path.of(args[0]));
        var other = Certificates.root("another CA");
        byte[] leaf =
                Certificates.leaf("u")
                        .signedBy(other, Certificates.ed25519())
                        .certificate()
                        .getEncoded();
        byte[] delegated =
                Certificates.authority("p")
                        .signedBy(other, Certificates.keys("EC", "secp256r1"))
                        .certificate()
                        .getEncoded();
        Files.write(folder.resolve("leaf"), leaf);
        Files.write(folder.resolve("authority"), delegated);
        Files.write(folder.resolve("root"), other.certificate().getEncoded());
    }
}
