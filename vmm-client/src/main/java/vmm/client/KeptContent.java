package vmm.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * What of a device has been written already. The protocol knows no offset: what comes again is
 * compared with it by hash, and only what lies behind is written.
 */
final class KeptContent implements BlockDump.Sink {
    private final NewFile to;
    private MessageDigest kept = PrefixHash.sha256();
    private long length;
    private MessageDigest seen = PrefixHash.sha256();
    private long at;

    KeptContent(NewFile to) {
        this.to = to;
    }

    /** The content comes again, from its start. */
    void begin() {
        seen = PrefixHash.sha256();
        at = 0;
    }

    @Override
    public void take(ByteBuffer bytes) throws IOException, ClientFailure {
        if (at < length) {
            int known = (int) Math.min(length - at, bytes.remaining());
            seen.update(bytes.slice(bytes.position(), known));
            bytes.position(bytes.position() + known);
            at += known;
            if (at == length) {
                compare();
            }
        }
        if (bytes.hasRemaining()) {
            int fresh = bytes.remaining();
            kept.update(bytes.duplicate());
            to.write(bytes);
            length += fresh;
            at += fresh;
        }
    }

    private void compare() throws IOException, ClientFailure {
        // One is needed for the rest: a digest that was asked for its value starts anew.
        MessageDigest whole = kept;
        kept = seen;
        byte[] again = copy(seen).digest();
        if (!MessageDigest.isEqual(whole.digest(), again)) {
            to.restart();
            kept = PrefixHash.sha256();
            length = 0;
            throw ClientFailure.communication("the device was changed meanwhile");
        }
    }

    private static MessageDigest copy(MessageDigest digest) {
        try {
            return (MessageDigest) digest.clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError("the JDK's SHA-256 can be copied", e);
        }
    }
}
