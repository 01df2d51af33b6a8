package vmm.wire.der;

/** A fuzz target: the extension of a certificate. */
public final class CertificateFuzz {
    private CertificateFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        Targets.certificate(bytes);
    }
}
