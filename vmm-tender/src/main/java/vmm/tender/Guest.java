package vmm.tender;

import java.nio.ByteBuffer;

/**
 * Runs the guest and answers its calls (SOLO5 3.5), on the thread that made the machine.
 *
 * <p>Each field of a call is read once, then checked, then used; whatever the guest may not do ends
 * it with a {@link Failure}.
 */
final class Guest {
    private static final int CALL_PORT = 0x500;
    private static final int EXIT_IO = 2;
    private static final int EXIT_MMIO = 6;
    private static final int EXIT_INTERNAL_ERROR = 17;
    private static final int RET_OK = 0;
    private static final int RET_AGAIN = 1;
    private static final int RET_INVALID = 2;
    private static final int NOT_ENDED = -1;
    private static final int POLLOUT = 4;

    private final Kernel kernel;
    private final Machine machine;
    private final GuestMemory memory;
    private final Devices devices;
    private final Readiness readiness;

    Guest(Kernel kernel, Machine machine, GuestMemory memory, Devices devices) {
        this.kernel = kernel;
        this.machine = machine;
        this.memory = memory;
        this.devices = devices;
        this.readiness = new Readiness(kernel, devices);
    }

    /** Runs the guest to its end and gives its status, 0 to 255. */
    int run() throws Failure {
        ByteBuffer exit = machine.exit();
        while (true) {
            long result = machine.run();
            if (result == Kernel.EINTR || result == Kernel.EAGAIN) {
                continue;
            }
            if (result == Kernel.EFAULT) {
                throw fault();
            }
            if (result < 0) {
                throw Failure.of("KVM: ioctl (RUN) failed", result);
            }
            int reason = exit.getInt(8);
            if (reason != EXIT_IO) {
                throw unhandled(exit, reason);
            }
            int status = call(exit);
            if (status != NOT_ENDED) {
                return status;
            }
        }
    }

    private Failure unhandled(ByteBuffer exit, int reason) {
        if (reason == EXIT_INTERNAL_ERROR) {
            return Failure.of(
                    "KVM: internal error exit: suberror=0x" + Integer.toHexString(exit.getInt(32)));
        }
        if (reason == EXIT_MMIO && memory.isReadOnly(exit.getLong(32))) {
            return fault();
        }
        return Failure.of(
                "KVM: unhandled exit: exit_reason=0x"
                        + Integer.toHexString(reason)
                        + ", rip=0x"
                        + Long.toHexString(machine.instruction()));
    }

    private Failure fault() {
        return Failure.of(
                "KVM: host/guest translation fault: rip=0x"
                        + Long.toHexString(machine.instruction()));
    }

    private int call(ByteBuffer exit) throws Failure {
        int port = Short.toUnsignedInt(exit.getShort(34));
        int number = port - CALL_PORT;
        boolean out = exit.get(32) == 1 && exit.get(33) == 4 && exit.getInt(36) == 1;
        if (!out || number < 0 || number > 8) {
            throw Failure.of("Invalid guest port access: port=0x" + Integer.toHexString(port));
        }
        long at = Integer.toUnsignedLong(exit.getInt((int) exit.getLong(40)));
        switch (number) {
            case 1 -> walltime(at);
            case 2 -> puts(at);
            case 3 -> poll(at);
            case 4, 5 -> block(at, number);
            case 6, 7 -> net(at, number);
            case 8 -> {
                memory.checkReadable(at, 16);
                return memory.getInt(at + 8) & 0xff;
            }
            default -> throw invalidCall(number);
        }
        return NOT_ENDED;
    }

    private static Failure invalidCall(int number) {
        return Failure.of("Invalid guest hypercall: num=" + number);
    }

    private void walltime(long at) throws Failure {
        memory.checkWritable(at, 8);
        kernel.call(Kernel.CLOCK_GETTIME, 0, kernel.scratchAddress(), 0);
        ByteBuffer now = kernel.scratch();
        memory.putLong(at, (now.getLong(0) * 1_000_000_000L) + now.getLong(8));
    }

    private void puts(long at) throws Failure {
        memory.checkReadable(at, 16);
        long data = memory.getLong(at);
        long length = memory.getLong(at + 8);
        memory.checkReadable(data, length);
        long done = 0;
        while (done < length) {
            long wrote = transfer(Kernel.WRITE, 1, data + done, length - done, 0);
            if (wrote == Kernel.EAGAIN) {
                kernel.scratch().putInt(0, 1).putInt(4, POLLOUT);
                kernel.call(Kernel.PPOLL, kernel.scratchAddress(), 1, 0);
            } else if (wrote < 0) {
                if (wrote == Kernel.EBADF || wrote == Kernel.EPIPE) {
                    Stopping.likeBrokenPipe(kernel);
                }
                throw Failure.of("Error writing the console", wrote);
            }
            done += Math.max(wrote, 0);
        }
    }

    /** Moves bytes between a descriptor and a place in the guest's memory that was checked. */
    private long transfer(long call, int descriptor, long data, long length, long offset) {
        long moved;
        do {
            moved = kernel.call(call, descriptor, memory.address(data), length, offset, 0, 0);
        } while (moved == Kernel.EINTR);
        return moved;
    }

    private void poll(long at) throws Failure {
        memory.checkWritable(at, 24);
        long ready = readiness.await(memory.getLong(at));
        memory.putLong(at + 8, ready);
        memory.putInt(at + 16, Long.bitCount(ready));
    }

    private void block(long at, int number) throws Failure {
        if (!devices.hasBlock()) {
            throw invalidCall(number);
        }
        memory.checkWritable(at, 40);
        long handle = memory.getLong(at);
        long offset = memory.getLong(at + 8);
        long data = memory.getLong(at + 16);
        long length = memory.getLong(at + 24);
        boolean write = number == 4;
        check(data, length, !write);
        if (!devices.is(handle, false)) {
            memory.putInt(at + 32, RET_INVALID);
            return;
        }
        Devices.Attached device = devices.at((int) handle);
        long capacity = device.capacity();
        if (length < 0 || offset < 0 || offset >= capacity || length > capacity - offset) {
            memory.putInt(at + 32, RET_INVALID);
            return;
        }
        long done = 0;
        while (done < length) {
            long moved =
                    transfer(
                            write ? Kernel.PWRITE : Kernel.PREAD,
                            device.descriptor(),
                            data + done,
                            length - done,
                            offset + done);
            if (moved <= 0) {
                throw deviceFailure(write, moved);
            }
            done += moved;
        }
        memory.putInt(at + 32, RET_OK);
    }

    private void check(long data, long length, boolean written) throws Failure {
        if (length < 0) {
            return;
        }
        if (written) {
            memory.checkWritable(data, length);
        } else {
            memory.checkReadable(data, length);
        }
    }

    private void net(long at, int number) throws Failure {
        if (!devices.hasNet()) {
            throw invalidCall(number);
        }
        memory.checkWritable(at, 32);
        long handle = memory.getLong(at);
        long data = memory.getLong(at + 8);
        long length = memory.getLong(at + 16);
        boolean write = number == 6;
        if (length < 0) {
            throw GuestMemory.invalid(data, length);
        }
        check(data, length, !write);
        int answer = RET_INVALID;
        if (devices.is(handle, true)) {
            int tap = devices.at((int) handle).descriptor();
            answer = write ? send(tap, data, length) : receive(at, tap, data, length);
        }
        memory.putInt(at + 24, answer);
    }

    /** A frame goes out whole or the guest ends. */
    private int send(int tap, long data, long length) throws Failure {
        long wrote = transfer(Kernel.WRITE, tap, data, length, 0);
        if (wrote != length) {
            throw deviceFailure(true, wrote);
        }
        return RET_OK;
    }

    private int receive(long at, int tap, long data, long length) throws Failure {
        long got = transfer(Kernel.READ, tap, data, length, 0);
        if (got == 0 || got == Kernel.EAGAIN) {
            return RET_AGAIN;
        }
        if (got < 0) {
            throw deviceFailure(false, got);
        }
        memory.putLong(at + 16, got);
        return RET_OK;
    }

    private static Failure deviceFailure(boolean write, long result) {
        String what = write ? "Fatal error when writing" : "Fatal error when reading";
        return result < 0 ? Failure.of(what, result) : Failure.of(what + ": short transfer");
    }
}
