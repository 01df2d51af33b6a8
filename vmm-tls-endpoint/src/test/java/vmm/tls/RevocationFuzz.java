package vmm.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** A fuzz target: a revocation list. Its main writes what a fuzzer starts from. */
public final class RevocationFuzz {
    private static final Certificates.Holder CA = Certificates.root("the CA");

    private RevocationFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        try {
            var crl = RevocationList.of(bytes);
            Objects.requireNonNull(crl.issuer());
            Objects.requireNonNull(crl.number());
            if (crl.isSignedBy(CA.shown())) {
                throw new AssertionError("accepted, and never signed");
            }
        } catch (IOException malformed) {
            return;
        }
    }

    public static void main(String[] args) throws IOException {
        Path folder = Files.createDirectories(Path.of(args[0]));
        var other = Certificates.root("another CA");
        var leaf = Certificates.leaf("u").signedBy(other, Certificates.ed25519()).certificate();
        Files.write(folder.resolve("empty"), Certificates.crl(other, 1, Optional.empty()));
        Files.write(folder.resolve("one"), Certificates.crl(other, 7, Optional.of(leaf)));
    }
}
