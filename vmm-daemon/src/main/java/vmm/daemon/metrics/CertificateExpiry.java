package vmm.daemon.metrics;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** When certificates in files expire: of each file the one that does so first. */
public final class CertificateExpiry {
    /** How often a file is read, at most: scrapes may come faster. */
    private static final Duration READ_EVERY = Duration.ofMinutes(1);

    private static final long FILE_BYTES_MAX = 1 << 20;
    private static final double UNKNOWN = Double.NaN;
    private static final Logger LOG = LogManager.getLogger(CertificateExpiry.class);

    private final Path file;
    private long readNanos;
    private double seconds = UNKNOWN;

    private CertificateExpiry(Path file) {
        this.file = file;
        readNanos = System.nanoTime() - READ_EVERY.toNanos();
    }

    /** Adds {@code vmm_certificate_expiry_time_seconds} for each file. */
    public static void tell(Metrics metrics, List<Path> files) {
        for (Path file : files) {
            metrics.gauge(
                    "vmm.certificate.expiry.time.seconds",
                    "When the first certificate of the file expires, since 1970.",
                    "file",
                    file.toString(),
                    new CertificateExpiry(file)::seconds);
        }
    }

    private synchronized double seconds() {
        if (System.nanoTime() - readNanos >= READ_EVERY.toNanos()) {
            readNanos = System.nanoTime();
            seconds = read();
        }
        return seconds;
    }

    private double read() {
        try (InputStream in = Files.newInputStream(file)) {
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw new IOException("longer than " + FILE_BYTES_MAX + " bytes");
            }
            Optional<Instant> first =
                    CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                            .map(c -> ((X509Certificate) c).getNotAfter().toInstant())
                            .min(Instant::compareTo);
            return first.isPresent() ? first.get().getEpochSecond() : UNKNOWN;
        } catch (IOException | CertificateException e) {
            LOG.warn("cannot tell when {} expires: {}", file, e.getMessage());
            return UNKNOWN;
        }
    }
}
