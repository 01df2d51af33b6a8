package vmm.os;

import java.io.IOException;

/** A socket that the process was started with. */
public final class InheritedSocket {
    private static final long DUP2 = Native.function("dup2");

    private InheritedSocket() {}

    /** Puts {@code descriptor} where {@code System.inheritedChannel} looks for one. */
    public static void moveToStandardInput(int descriptor) throws IOException {
        if (Native.call(DUP2, descriptor, 0) < 0) {
            throw new IOException("descriptor " + descriptor + " is not open");
        }
    }
}
