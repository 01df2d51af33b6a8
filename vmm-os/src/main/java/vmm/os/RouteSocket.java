package vmm.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/** A socket to the kernel's tables of interfaces (rtnetlink(7)). One thread. */
@SuppressWarnings("restricted")
public final class RouteSocket implements AutoCloseable {
    /** What one answer of the kernel may hold; it makes them no longer than 32 KiB. */
    private static final int ANSWER_BYTES_MAX = 64 * 1024;

    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW_CLOEXEC = 3 | Libc.O_CLOEXEC;
    private static final int HEADER_BYTES = 16;
    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int NLM_F_REQUEST = 1;
    private static final int NLM_F_DUMP = 0x300;

    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout()
                    .varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SOCKET =
            Libc.errno("socket", -1, JAVA_INT, JAVA_INT, JAVA_INT);

    // As files are written and read: two calls of one shape, which others have linked already.
    private static final MethodHandle SEND = transfer("write");
    private static final MethodHandle RECV = transfer("read");

    private final Arena arena = Arena.ofShared();
    private final MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
    private final MemorySegment buffer = arena.allocate(ANSWER_BYTES_MAX, 8);
    private final ByteBuffer view = buffer.asByteBuffer().order(ByteOrder.nativeOrder());
    private final int fd;
    private int sequence;

    private RouteSocket(int fd) {
        this.fd = fd;
    }

    private static MethodHandle transfer(String name) {
        return Libc.errno(name, -1, JAVA_INT, ADDRESS, JAVA_LONG);
    }

    public static RouteSocket open() throws IOException {
        return new RouteSocket(
                (int)
                        Libc.check(
                                "cannot ask for interfaces",
                                s -> (int) SOCKET.invokeExact(s, AF_NETLINK, SOCK_RAW_CLOEXEC, 0)));
    }

    /**
     * Asks for every entry of a table; {@code each} sees the body of one message at a time, in
     * memory that is used again after it returned.
     */
    public void dump(int type, byte[] body, Consumer<ByteBuffer> each) throws IOException {
        ask(type, NLM_F_REQUEST | NLM_F_DUMP, body);
        boolean done = false;
        while (!done) {
            done = receive(each);
        }
    }

    /** Asks for one entry; {@code each} is not called where there is none. */
    public void get(int type, byte[] body, Consumer<ByteBuffer> each) throws IOException {
        ask(type, NLM_F_REQUEST, body);
        receive(each);
    }

    private void ask(int type, int flags, byte[] body) throws IOException {
        sequence++;
        int length = HEADER_BYTES + body.length;
        view.clear().putInt(length).putShort((short) type).putShort((short) flags);
        view.putInt(sequence).putInt(0).put(body);
        transfer(SEND, "cannot ask for interfaces", length);
    }

    /** Hands on the messages of one answer; true where it was the last. */
    private boolean receive(Consumer<ByteBuffer> each) throws IOException {
        int end = transfer(RECV, "cannot read of interfaces", ANSWER_BYTES_MAX);
        int at = 0;
        while (at + HEADER_BYTES <= end) {
            int length = view.getInt(at);
            int type = view.getShort(at + 4) & 0xffff;
            if (length < HEADER_BYTES || at + length > end) {
                throw new IOException("the kernel's answer is cut off");
            }
            // What an earlier question that failed half way left behind is not for this one.
            if (view.getInt(at + 8) == sequence) {
                if (type == NLMSG_DONE || type == NLMSG_ERROR) {
                    return true;
                }
                each.accept(
                        view.slice(at + HEADER_BYTES, length - HEADER_BYTES)
                                .order(ByteOrder.nativeOrder()));
            }
            at += (length + 3) & ~3;
        }
        return false;
    }

    private int transfer(MethodHandle call, String what, long length) throws Errno {
        long count = Libc.run(() -> (int) call.invokeExact(state, fd, buffer, length));
        if (count < 0) {
            throw new Errno(what, (int) ERRNO.get(state, 0L));
        }
        return (int) count;
    }

    @Override
    public void close() throws IOException {
        arena.close();
        Libc.close(fd);
    }
}
