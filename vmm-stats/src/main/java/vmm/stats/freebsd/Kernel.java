package vmm.stats.freebsd;

import java.io.IOException;
import vmm.os.FreeBsd;
import vmm.os.Libc;

/** What is asked of FreeBSD's kernel: its tables, its interfaces, bhyve's machines. */
public interface Kernel {
    /**
     * The bytes at a place of sysctl(3).
     *
     * @param bytesMax how much is taken
     */
    byte[] read(int bytesMax, int... place) throws IOException;

    /** The index of an interface, or 0 if there is none. */
    int interfaceIndex(String name);

    /** The machine /dev/vmm/NAME. */
    Machine machine(String name) throws IOException;

    /** A device that is kept open. */
    interface Machine extends AutoCloseable {
        /** ioctl(2), which reads and writes {@code argument}. */
        void ask(long request, byte[] argument) throws IOException;

        @Override
        void close() throws IOException;
    }

    /** The one that runs here. */
    static Kernel here() {
        var system = new FreeBsd();
        return new Kernel() {
            @Override
            public byte[] read(int bytesMax, int... place) throws IOException {
                return system.sysctl(bytesMax, place);
            }

            @Override
            public int interfaceIndex(String name) {
                return system.interfaceIndex(name);
            }

            @Override
            public Machine machine(String name) throws IOException {
                int fd = system.open("/dev/vmm/" + name);
                return new Machine() {
                    @Override
                    public void ask(long request, byte[] argument) throws IOException {
                        system.ioctl(fd, request, argument);
                    }

                    @Override
                    public void close() throws IOException {
                        Libc.close(fd);
                    }
                };
            }
        };
    }
}
