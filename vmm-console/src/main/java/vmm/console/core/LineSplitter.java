package vmm.console.core;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import vmm.core.Text;

/**
 * Bytes to lines: ended by a newline, empty ones left out, long ones cut. A line may come in
 * several reads. One thread.
 */
public final class LineSplitter {
    public static final int LINE_BYTES_MAX = 512;
    private static final String TRUNCATED = " [truncated]";

    private final byte[] begun = new byte[LINE_BYTES_MAX];
    private int length;
    private boolean cut;

    /** The lines that end in {@code bytes}. */
    public List<String> split(ByteBuffer bytes) {
        var lines = new ArrayList<String>();
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            if (next == '\n') {
                end(lines);
            } else if (length < LINE_BYTES_MAX) {
                begun[length++] = next;
            } else {
                cut = true;
            }
        }
        return lines;
    }

    /** The last words, which no newline ended. */
    public List<String> rest() {
        var lines = new ArrayList<String>();
        end(lines);
        return lines;
    }

    private void end(List<String> lines) {
        if (length > 0) {
            String text = Text.decode(begun, 0, length);
            lines.add(cut ? text + TRUNCATED : text);
        }
        length = 0;
        cut = false;
    }
}
