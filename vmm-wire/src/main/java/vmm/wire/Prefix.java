package vmm.wire;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import vmm.core.Bytes;

/**
 * What one side has of a content already: so many bytes from its start, and their SHA-256. {@code
 * Prefix ::= SEQUENCE { bytes INTEGER, sha256 OCTET STRING (SIZE(32)) }}, an extension (ADR 26).
 */
public record Prefix(long bytes, Bytes sha256) {
    private static final int DIGEST_BYTES = 32;
    private static final int BUFFER_BYTES = 256 * 1024;

    public static final Prefix NONE = new Prefix(0, Bytes.of(sha256Of().digest()));

    public Prefix {
        problem(bytes, sha256)
                .ifPresent(
                        why -> {
                            throw new IllegalArgumentException(why);
                        });
    }

    /** Says why these are none, or is empty if they are. */
    public static Optional<String> problem(long bytes, Bytes sha256) {
        return bytes < 0 || sha256.length() != DIGEST_BYTES
                ? Optional.of("a prefix of " + bytes + " bytes and a digest of " + sha256.length())
                : Optional.empty();
    }

    /**
     * The next {@code bytes} of a channel, which stands behind them afterwards.
     *
     * @throws EOFException if it has fewer
     */
    public static Prefix of(ReadableByteChannel from, long bytes) throws IOException {
        MessageDigest digest = sha256Of();
        var buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        for (long left = bytes; left > 0; left -= buffer.limit()) {
            buffer.clear().limit((int) Math.min(left, BUFFER_BYTES));
            if (from.read(buffer) < 0) {
                throw new EOFException("there are no " + bytes + " bytes");
            }
            digest.update(buffer.flip());
        }
        return new Prefix(bytes, Bytes.of(digest.digest()));
    }

    private static MessageDigest sha256Of() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new AssertionError("every JDK has SHA-256", missing);
        }
    }
}
