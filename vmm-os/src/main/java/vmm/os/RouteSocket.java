package vmm.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/** A socket to the kernel's tables of interfaces (rtnetlink(7)). One thread. */
public final class RouteSocket implements AutoCloseable {
    /** What one answer of the kernel may hold; it makes them no longer than 32 KiB. */
    private static final int ANSWER_BYTES_MAX = 64 * 1024;

    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int HEADER_BYTES = 16;
    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int NLM_F_REQUEST = 1;
    private static final int NLM_F_DUMP = 0x300;

    private final ByteBuffer buffer =
            ByteBuffer.allocateDirect(ANSWER_BYTES_MAX).order(ByteOrder.nativeOrder());
    private final long address = Native.address(buffer);
    private final int fd;
    private int sequence;

    private RouteSocket(int fd) {
        this.fd = fd;
    }

    public static RouteSocket open() throws IOException {
        return new RouteSocket(Libc.socket(AF_NETLINK, SOCK_RAW, "cannot ask for interfaces"));
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
        buffer.clear().putInt(length).putShort((short) type).putShort((short) flags);
        buffer.putInt(sequence).putInt(0).put(body);
        Libc.check(Libc.write(fd, address, length), "cannot ask for interfaces");
    }

    /** Hands on the messages of one answer; true where it was the last. */
    private boolean receive(Consumer<ByteBuffer> each) throws IOException {
        int end = Libc.check(Libc.read(fd, address, ANSWER_BYTES_MAX), "cannot read of interfaces");
        int at = 0;
        while (at + HEADER_BYTES <= end) {
            int length = buffer.getInt(at);
            int type = buffer.getShort(at + 4) & 0xffff;
            if (length < HEADER_BYTES || at + length > end) {
                throw new IOException("the kernel's answer is cut off");
            }
            // What an earlier question that failed half way left behind is not for this one.
            if (buffer.getInt(at + 8) == sequence) {
                if (type == NLMSG_DONE || type == NLMSG_ERROR) {
                    return true;
                }
                each.accept(
                        buffer.slice(at + HEADER_BYTES, length - HEADER_BYTES)
                                .order(ByteOrder.nativeOrder()));
            }
            at += (length + 3) & ~3;
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        Libc.close(fd);
    }
}
