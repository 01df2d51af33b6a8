package vmm.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.invoke.MethodHandle;

/** A socket that the process was started with. */
public final class InheritedSocket {
    private static final MethodHandle DUP2 = Libc.plain("dup2", JAVA_INT, JAVA_INT);

    private InheritedSocket() {}

    /** Puts {@code descriptor} where {@code System.inheritedChannel} looks for one. */
    public static void moveToStandardInput(int descriptor) throws IOException {
        if (Libc.run(() -> (int) DUP2.invokeExact(descriptor, 0)) < 0) {
            throw new IOException("descriptor " + descriptor + " is not open");
        }
    }
}
