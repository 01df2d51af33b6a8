import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Becomes a program whose descriptor 0 is the first connection to a port of the loopback interface,
 * as with inetd's {@code nowait}: {@code AsInetd PORT-FILE PROGRAM ARGUMENT...}
 */
void main(String[] arguments) throws Throwable {
    ServerSocketChannel socket = ServerSocketChannel.open();
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    var address = (InetSocketAddress) socket.getLocalAddress();
    try (Arena arena = Arena.ofConfined()) {
        MemorySegment words = arena.allocate(ADDRESS, arguments.length);
        for (int i = 1; i < arguments.length; i++) {
            words.setAtIndex(ADDRESS, i - 1, arena.allocateFrom(arguments[i]));
        }
        Files.writeString(Path.of(arguments[0]), address.getPort() + "\n");
        SocketChannel client = socket.accept();
        int descriptor = newestSocket();
        if ((int) call("dup2", JAVA_INT, JAVA_INT).invokeExact(descriptor, 0) != 0) {
            throw new IllegalStateException("no descriptor 0 for " + client);
        }
        var _ =
                (int)
                        call("execv", ADDRESS, ADDRESS)
                                .invokeExact(arena.allocateFrom(arguments[1]), words);
        throw new IllegalStateException("cannot start " + arguments[1]);
    }
}

/** The highest descriptor that is a socket: no other has been opened since. */
int newestSocket() throws IOException {
    int found = -1;
    try (var all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
        for (Path one : all) {
            if (Files.isSymbolicLink(one)
                    && Files.readSymbolicLink(one).toString().startsWith("socket:")) {
                found = Math.max(found, Integer.parseInt(one.getFileName().toString()));
            }
        }
    }
    return found;
}

MethodHandle call(String name, MemoryLayout... takes) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
            linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(JAVA_INT, takes));
}
