package vmm.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.CRLException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.jspecify.annotations.Nullable;

/**
 * The certificate revocation lists of a folder, one a CA. Of each CA the newest one that was ever
 * seen counts, also when an older one takes its place in the folder: it is kept in a folder of our
 * own as well, for the next process. Any thread asks, one refreshes.
 */
final class Revocations {
    /** What a list may weigh; some 400,000 certificates. */
    static final long CRL_BYTES_MAX = 16L << 20;

    /** How many lists are looked at in a folder. */
    static final int CRL_FILES_MAX = 1024;

    private static final String CRL_NUMBER = "2.5.29.20";

    private record Stamp(FileTime changed, long bytes) {}

    private final Path folder;
    private final Optional<Path> kept;
    private volatile Map<X500Principal, List<X509CRL>> lists = Map.of();
    private volatile @Nullable X509Certificate ca;
    private Map<Path, Stamp> stamps = Map.of();

    /** Folders that could not be read, told once: they are looked at ten times a second. */
    private final Set<Path> unread = new HashSet<>();

    /** The newest list of a key that has signed it. */
    private final Map<PublicKey, X509CRL> newest = new ConcurrentHashMap<>();

    /**
     * @param kept where the newest lists are remembered; absent: in memory alone
     */
    Revocations(Path folder, Optional<Path> kept) {
        this.folder = folder;
        this.kept = kept;
    }

    /** Reads what changed; true if anything did. */
    boolean refresh() {
        Map<Path, Stamp> now = stamps();
        if (now.equals(stamps)) {
            return false;
        }
        stamps = now;
        var read = new HashMap<X500Principal, List<X509CRL>>();
        for (Path file : now.keySet()) {
            read(file)
                    .ifPresent(
                            crl ->
                                    read.computeIfAbsent(
                                                    crl.getIssuerX500Principal(),
                                                    _ -> new ArrayList<>())
                                            .add(crl));
        }
        lists = Map.copyOf(read);
        newest.forEach((key, crl) -> newestOf(crl.getIssuerX500Principal(), key));
        X509Certificate followed = ca;
        if (followed != null) {
            newestOf(followed.getSubjectX500Principal(), followed.getPublicKey());
        }
        return true;
    }

    /**
     * From now on this CA's lists count from when they are read, and not only from when one of its
     * certificates is looked at: an older list may take their place before that.
     */
    void follow(X509Certificate authority) {
        ca = authority;
        newestOf(authority.getSubjectX500Principal(), authority.getPublicKey());
    }

    private Map<Path, Stamp> stamps() {
        var found = new HashMap<Path, Stamp>();
        stampsOf(folder, found);
        kept.ifPresent(own -> stampsOf(own, found));
        return found;
    }

    private void stampsOf(Path folder, Map<Path, Stamp> found) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.crl")) {
            for (Path file : files) {
                if (found.size() < CRL_FILES_MAX) {
                    found.put(file, new Stamp(Files.getLastModifiedTime(file), Files.size(file)));
                }
            }
        } catch (IOException e) {
            if (unread.add(folder)) {
                Log.LOG.warn("cannot look for revocation lists in {}: {}", folder, e.getMessage());
            }
        }
    }

    private static Optional<X509CRL> read(Path file) {
        try {
            if (Files.size(file) > CRL_BYTES_MAX) {
                throw new IOException("longer than " + CRL_BYTES_MAX + " bytes");
            }
            return Optional.of(parsed(Files.readAllBytes(file)));
        } catch (IOException | CRLException e) {
            Log.LOG.error("the revocation list {} is not used: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    static X509CRL parsed(byte[] list) throws CRLException {
        return (X509CRL) Pem.factory().generateCRL(new ByteArrayInputStream(list));
    }

    /** True if the newest list of its issuer names the certificate. */
    boolean isRevoked(X509Certificate certificate, X500Principal issuer, PublicKey issuerKey) {
        X509CRL crl = newestOf(issuer, issuerKey);
        return crl != null && crl.getRevokedCertificate(certificate.getSerialNumber()) != null;
    }

    private @Nullable X509CRL newestOf(X500Principal issuer, PublicKey key) {
        for (X509CRL crl : lists.getOrDefault(issuer, List.of())) {
            X509CRL known = newest.get(key);
            if (known == null || (!crl.equals(known) && isNewer(crl, known))) {
                if (isSignedBy(crl, key)) {
                    newest.merge(key, crl, (a, b) -> isNewer(b, a) ? b : a);
                    keep(key, crl);
                }
            } else if (!crl.equals(known)) {
                Log.LOG.debug("an older revocation list of {} is not used", issuer);
            }
        }
        return newest.get(key);
    }

    static boolean isSignedBy(X509CRL crl, PublicKey key) {
        try {
            crl.verify(key);
            return !crl.hasUnsupportedCriticalExtension();
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static boolean isNewer(X509CRL crl, X509CRL than) {
        int order = number(crl).compareTo(number(than));
        return order != 0
                ? order > 0
                : crl.getThisUpdate().toInstant().isAfter(than.getThisUpdate().toInstant());
    }

    static BigInteger number(X509CRL crl) {
        byte[] value = crl.getExtensionValue(CRL_NUMBER);
        if (value == null) {
            return BigInteger.ZERO;
        }
        try {
            return ASN1Integer.getInstance(ASN1OctetString.getInstance(value).getOctets())
                    .getValue();
        } catch (IllegalArgumentException e) {
            return BigInteger.ZERO;
        }
    }

    /** An older list must stay refused after a restart, and for a process of each connection. */
    private void keep(PublicKey key, X509CRL crl) {
        if (kept.isEmpty()) {
            return;
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
            Path file = kept.get().resolve(HexFormat.of().formatHex(hash, 0, 16) + ".crl");
            byte[] encoded = crl.getEncoded();
            if (Files.exists(file) && java.util.Arrays.equals(Files.readAllBytes(file), encoded)) {
                return;
            }
            Files.createDirectories(kept.get());
            Path fresh = Files.createTempFile(kept.get(), "crl", ".new");
            Files.write(fresh, encoded);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | GeneralSecurityException e) {
            Log.LOG.warn("cannot remember a revocation list: {}", e.getMessage());
        }
    }
}
