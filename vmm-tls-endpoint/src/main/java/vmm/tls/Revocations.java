package vmm.tls;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.jspecify.annotations.Nullable;
import vmm.core.Bytes;

/**
 * The certificate revocation lists of a folder, one a CA. Of each CA the newest one that was ever
 * seen counts, also when an older one takes its place in the folder: it is kept in a folder of our
 * own as well, for the next process. Any thread asks, one refreshes.
 */
final class Revocations {
    /** What a list may weigh; some 400,000 certificates. */
    static final long CRL_BYTES_MAX = 16L << 20;

    /** How many lists are kept of CAs that no chain has come through yet. */
    static final int UNJUDGED_MAX = 256;

    private static final String UNJUDGED = "unjudged-";

    /** How many lists are looked at in a folder. */
    static final int CRL_FILES_MAX = 1024;

    private record Stamp(FileTime changed, long bytes) {}

    private final Path folder;
    private final Optional<Path> kept;
    private volatile Map<X500Name, List<RevocationList>> lists = Map.of();
    private volatile @Nullable Shown ca;
    private Map<Path, Stamp> stamps = Map.of();

    /** Folders that could not be read, told once: they are looked at ten times a second. */
    private final Set<Path> unread = new HashSet<>();

    /** The newest list of an authority's key that has signed it. */
    private final Map<Bytes, Counting> newest = new ConcurrentHashMap<>();

    private record Counting(Shown authority, RevocationList list) {
        Counting newer(Counting other) {
            return other.list.isNewer(list) ? other : this;
        }
    }

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
        var read = new HashMap<Path, RevocationList>();
        now.keySet().forEach(file -> read(file).ifPresent(crl -> read.put(file, crl)));
        var ofIssuers = new HashMap<X500Name, List<RevocationList>>();
        for (RevocationList crl : read.values()) {
            ofIssuers.computeIfAbsent(crl.issuer(), _ -> new ArrayList<>()).add(crl);
        }
        lists = Map.copyOf(ofIssuers);
        newest.values().forEach(counting -> newestOf(counting.authority));
        Shown followed = ca;
        if (followed != null) {
            newestOf(followed);
        }
        read.forEach(this::tellIfOlder);
        kept.ifPresent(own -> keepUnjudged(own, read));
        var seen = new HashMap<>(now);
        kept.ifPresent(own -> stampsOf(own, seen));
        stamps = seen;
        return true;
    }

    /** Somebody put it there, and waits for it to count. */
    private void tellIfOlder(Path file, RevocationList crl) {
        if (!folder.equals(file.getParent()) || counts(crl)) {
            return;
        }
        for (Counting counting : newest.values()) {
            if (crl.isSignedBy(counting.authority)) {
                Log.LOG.warn(
                        "the revocation list {} is not used: its number is {}, and {} of {} has"
                                + " been seen; vmm revoke makes a newer one",
                        file,
                        crl.number(),
                        counting.list.number(),
                        crl.issuer());
            }
        }
    }

    private boolean counts(RevocationList crl) {
        return newest.values().stream().anyMatch(counting -> counting.list.equals(crl));
    }

    /**
     * Whether a list of an intermediate CA is signed by it shows with the first chain through that
     * CA. An older list may have taken its place by then, so each is kept until that is known: one
     * name may be that of several CAs.
     */
    private void keepUnjudged(Path own, Map<Path, RevocationList> read) {
        var judged = new ArrayList<RevocationList>();
        var unjudged = new HashMap<Path, RevocationList>();
        read.forEach(
                (file, crl) -> {
                    if (!own.equals(file.getParent())) {
                        return;
                    }
                    if (String.valueOf(file.getFileName()).startsWith(UNJUDGED)) {
                        unjudged.put(file, crl);
                    } else {
                        judged.add(crl);
                    }
                });
        unjudged.entrySet()
                .removeIf(one -> isJudged(one.getValue(), judged) && forget(one.getKey()));
        read.forEach(
                (file, crl) -> {
                    Path copy = own.resolve(UNJUDGED + fileName(crl.der()));
                    if (folder.equals(file.getParent())
                            && !unjudged.containsKey(copy)
                            && !isJudged(crl, judged)) {
                        keepUnjudged(copy, crl, unjudged);
                    }
                });
    }

    private void keepUnjudged(Path copy, RevocationList crl, Map<Path, RevocationList> unjudged) {
        if (unjudged.size() < UNJUDGED_MAX) {
            unjudged.put(copy, crl);
            keep(copy, crl);
        } else {
            Log.LOG.warn(
                    "{} holds {} lists of CAs that nobody came through: another of {} counts only"
                            + " while its file is there",
                    copy.getParent(),
                    UNJUDGED_MAX,
                    crl.issuer());
        }
    }

    private boolean isJudged(RevocationList crl, List<RevocationList> judged) {
        return judged.stream().anyMatch(one -> one.replaces(crl))
                || newest.values().stream()
                        .map(Counting::authority)
                        .anyMatch(a -> a.subject().equals(crl.issuer()) && crl.isSignedBy(a));
    }

    private static boolean forget(Path file) {
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            Log.LOG.debug("cannot delete {}: {}", file, e.getMessage());
            return false;
        }
    }

    /**
     * From now on this CA's lists count from when they are read, and not only from when one of its
     * certificates is looked at: an older list may take their place before that.
     */
    void follow(Shown authority) {
        ca = authority;
        newestOf(authority);
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

    private static Optional<RevocationList> read(Path file) {
        try {
            if (Files.size(file) > CRL_BYTES_MAX) {
                throw new IOException("longer than " + CRL_BYTES_MAX + " bytes");
            }
            return Optional.of(RevocationList.of(Files.readAllBytes(file)));
        } catch (IOException e) {
            Log.LOG.error("the revocation list {} is not used: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    /** True if the newest list of its issuer names the certificate. */
    boolean isRevoked(Shown certificate, Shown issuer) {
        return newestOf(issuer).filter(crl -> crl.names(certificate.getSerialNumber())).isPresent();
    }

    private Optional<RevocationList> newestOf(Shown authority) {
        List<RevocationList> named = lists.getOrDefault(authority.subject(), List.of());
        if (named.isEmpty() && newest.isEmpty()) {
            return Optional.empty();
        }
        Bytes key = authority.keyInfo();
        for (RevocationList crl : named) {
            Counting known = newest.get(key);
            boolean newer = known == null || (!crl.equals(known.list) && crl.isNewer(known.list));
            if (newer && crl.isSignedBy(authority)) {
                newest.merge(key, new Counting(authority, crl), Counting::newer);
                kept.ifPresent(own -> keep(own.resolve(fileName(key)), crl));
            }
        }
        return Optional.ofNullable(newest.get(key)).map(Counting::list);
    }

    /** An older list must stay refused after a restart, and for a process of each connection. */
    private static void keep(Path file, RevocationList crl) {
        try {
            byte[] encoded = crl.der().toArray();
            if (Files.exists(file) && Arrays.equals(Files.readAllBytes(file), encoded)) {
                return;
            }
            Files.createDirectories(file.getParent());
            Path fresh = Files.createTempFile(file.getParent(), "crl", ".new");
            Files.write(fresh, encoded);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Log.LOG.warn("cannot remember a revocation list: {}", e.getMessage());
        }
    }

    private static String fileName(Bytes whose) {
        byte[] bytes = whose.toArray();
        var digest = new SHA256Digest();
        byte[] hash = new byte[digest.getDigestSize()];
        digest.update(bytes, 0, bytes.length);
        digest.doFinal(hash, 0);
        return HexFormat.of().formatHex(hash, 0, 16) + ".crl";
    }
}
