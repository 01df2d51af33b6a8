package vmm.wire;

/** The value of the X.509 extension {@code 1.3.6.1.4.1.49836.42}. */
public record CertExtension(Header.Version version, Command command) {
    public static final String OID = "1.3.6.1.4.1.49836.42";
}
