package vmm.stats.freebsd;

import java.io.IOException;

/** The system's tables: the bytes at a place of sysctl(3). */
public interface Sysctl {
    /**
     * @param bytesMax how much is taken
     */
    byte[] read(int bytesMax, int... place) throws IOException;

    /** The index of an interface, or 0 if there is none. */
    int interfaceIndex(String name);
}
