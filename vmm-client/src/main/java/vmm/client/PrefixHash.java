package vmm.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The SHA-256 of so many bytes from the start, and whether zeros alone come after them. */
final class PrefixHash implements BlockDump.Sink {
    private final MessageDigest digest = sha256();
    private long left;
    private boolean zeros = true;

    PrefixHash(long length) {
        this.left = length;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new AssertionError("every JDK has SHA-256", missing);
        }
    }

    @Override
    public void take(ByteBuffer bytes) {
        int length = (int) Math.min(left, bytes.remaining());
        digest.update(bytes.slice(bytes.position(), length));
        left -= length;
        bytes.position(bytes.position() + length);
        while (zeros && bytes.hasRemaining()) {
            zeros = bytes.get() == 0;
        }
    }

    /** Whether all of this file came, and nothing but zeros after it. */
    boolean isOf(FileChannel file) throws IOException {
        if (left > 0 || !zeros) {
            return false;
        }
        MessageDigest other = sha256();
        var piece = ByteBuffer.allocateDirect(BlockStreams.PIECE_BYTES);
        for (long at = 0; at < file.size(); at += piece.limit()) {
            if (file.read(piece.clear(), at) < 0) {
                return false;
            }
            other.update(piece.flip());
            piece.rewind();
        }
        return MessageDigest.isEqual(digest.digest(), other.digest());
    }
}
