package vmm.tender;

import java.nio.ByteBuffer;
import vmm.os.Native;

/** The virtual machine and its one processor, as KVM gives them (SOLO5 3.1, 3.2, 3.4). */
final class Machine {
    static final long KVM_RUN = 0xae80;
    static final long KVM_GET_REGS = 0x8090ae81L;
    private static final long KVM_GET_API_VERSION = 0xae00;
    private static final long KVM_CREATE_VM = 0xae01;
    private static final long KVM_GET_VCPU_MMAP_SIZE = 0xae04;
    private static final long KVM_GET_SUPPORTED_CPUID = 0xc008ae05L;
    private static final long KVM_CREATE_VCPU = 0xae41;
    private static final long KVM_SET_USER_MEMORY_REGION = 0x4020ae46L;
    private static final long KVM_SET_REGS = 0x4090ae82L;
    private static final long KVM_SET_SREGS = 0x4138ae84L;
    private static final long KVM_SET_CPUID2 = 0x4008ae90L;
    private static final long KVM_GET_TSC_KHZ = 0xaea3;
    private static final long KVM_GET_STATS_FD = 0xaece;
    private static final int API_VERSION = 12;
    private static final int CPUID_ENTRIES_MAX = 256;
    private static final int REGS_BYTES = 144;
    private static final int RIP_AT = 128;

    private final Kernel kernel;
    private final long vm;
    private final long processor;
    private final long vmStats;
    private final long processorStats;
    private final ByteBuffer run;

    private Machine(Kernel kernel, long kvm) throws Failure {
        this.kernel = kernel;
        this.vm = need("KVM: ioctl (CREATE_VM) failed", io(kvm, KVM_CREATE_VM, 0));
        this.processor = need("KVM: ioctl (CREATE_VCPU) failed", io(vm, KVM_CREATE_VCPU, 0));
        long size = need("KVM: no VCPU_MMAP_SIZE", io(kvm, KVM_GET_VCPU_MMAP_SIZE, 0));
        long shared = 1;
        long at = kernel.call(Kernel.MMAP, 0, size, 3, shared, processor, 0);
        this.run = Native.memory(need("KVM: VCPU mmap failed", at), size);
        // Left open for whoever may take them with pidfd_getfd; a kernel without them is fine.
        this.vmStats = io(vm, KVM_GET_STATS_FD, 0);
        this.processorStats = io(processor, KVM_GET_STATS_FD, 0);
    }

    /**
     * A machine with {@code memory} at its address 0, and a processor that may do what ours may.
     */
    static Machine create(Kernel kernel, GuestMemory memory) throws Failure {
        long kvm = kernel.open("/dev/kvm", Kernel.O_RDWR);
        if (kvm < 0) {
            throw Failure.of("Could not open: /dev/kvm", kvm);
        }
        if (kernel.call(Kernel.IOCTL, kvm, KVM_GET_API_VERSION, 0) != API_VERSION) {
            throw Failure.of("KVM: API version is not " + API_VERSION);
        }
        var machine = new Machine(kernel, kvm);
        machine.give(memory);
        machine.copyFeatures(kvm);
        kernel.call(Kernel.CLOSE, kvm, 0, 0);
        return machine;
    }

    private void give(GuestMemory memory) throws Failure {
        ByteBuffer region = kernel.cleared(32);
        region.putLong(16, memory.bytes()).putLong(24, memory.address(0));
        need(
                "KVM: ioctl (SET_USER_MEMORY_REGION) failed",
                io(vm, KVM_SET_USER_MEMORY_REGION, kernel.scratchAddress()));
    }

    private void copyFeatures(long kvm) throws Failure {
        kernel.cleared(8 + (40 * CPUID_ENTRIES_MAX)).putInt(0, CPUID_ENTRIES_MAX);
        need(
                "KVM: ioctl (GET_SUPPORTED_CPUID) failed",
                io(kvm, KVM_GET_SUPPORTED_CPUID, kernel.scratchAddress()));
        need(
                "KVM: ioctl (SET_CPUID2) failed",
                io(processor, KVM_SET_CPUID2, kernel.scratchAddress()));
    }

    /** How often the guest's time stamp counter counts in a second. */
    long timeStampHertz() throws Failure {
        long kilohertz = io(processor, KVM_GET_TSC_KHZ, 0);
        if (kilohertz <= 0) {
            throw Failure.of("KVM: the host's TSC is unstable");
        }
        return kilohertz * 1000;
    }

    /** Long mode with the page tables of {@link BootMemory}, about to run from {@code entry}. */
    void prepare(long entry, long memoryBytes) throws Failure {
        ByteBuffer s = kernel.cleared(312);
        segment(s, 0, 8, 9, false);
        for (int at = 24; at <= 120; at += 24) {
            segment(s, at, 16, 3, true);
        }
        s.put(144 + 14, (byte) 11).put(144 + 15, (byte) 1);
        s.put(168 + 22, (byte) 1);
        s.putLong(192, BootMemory.GDT_AT).putShort(200, (short) 23);
        s.putLong(224, 0x80010021L).putLong(240, BootMemory.PML4_AT);
        s.putLong(248, 0x620).putLong(264, 0x500);
        need(
                "KVM: ioctl (SET_SREGS) failed",
                io(processor, KVM_SET_SREGS, kernel.scratchAddress()));
        ByteBuffer r = kernel.cleared(REGS_BYTES);
        r.putLong(RIP_AT, entry).putLong(136, 2);
        r.putLong(40, BootMemory.BOOT_INFO_AT).putLong(48, memoryBytes - 8);
        need("KVM: ioctl (SET_REGS) failed", io(processor, KVM_SET_REGS, kernel.scratchAddress()));
    }

    private static void segment(ByteBuffer s, int at, int selector, int type, boolean data) {
        s.putInt(at + 8, -1).putShort(at + 12, (short) selector);
        s.put(at + 14, (byte) type).put(at + 15, (byte) 1);
        s.put(at + 17, (byte) (data ? 1 : 0)).put(at + 18, (byte) 1);
        s.put(at + 19, (byte) (data ? 0 : 1)).put(at + 20, (byte) 1);
    }

    /** Runs the guest until it wants something; the result of the call. */
    long run() {
        return kernel.call(Kernel.IOCTL, processor, KVM_RUN, 0);
    }

    /** The kernel's account of why {@link #run} came back. */
    ByteBuffer exit() {
        return run;
    }

    /** Where the guest is, for messages. */
    long instruction() {
        long got = io(processor, KVM_GET_REGS, kernel.scratchAddress());
        return got < 0 ? -1 : kernel.scratch().getLong(RIP_AT);
    }

    /** The descriptors that must stay open. */
    long[] descriptors() {
        return new long[] {vm, processor, vmStats, processorStats};
    }

    private long io(long descriptor, long request, long argument) {
        return kernel.call(Kernel.IOCTL, descriptor, request, argument);
    }

    private static long need(String otherwise, long result) throws Failure {
        if (result < 0 && result > -4096) {
            throw Failure.of(otherwise, result);
        }
        return result;
    }
}
