package vmm.os;

import java.io.IOException;
import java.nio.file.Path;

/** Named pipes. */
public final class Fifos {
    private Fifos() {}

    /**
     * Makes a fifo with exactly these permission bits, whatever the umask is.
     *
     * @throws Errno EEXIST if something is there already
     */
    public static void make(Path path, int mode) throws IOException {
        Libc.mkfifo(path.toString(), mode);
        Libc.chmod(path.toString(), mode);
    }
}
