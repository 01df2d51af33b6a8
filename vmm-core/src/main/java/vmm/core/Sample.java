package vmm.core;

import java.util.List;
import java.util.Optional;

/**
 * What one unikernel used, at one moment. 64-bit counters are two's complement and unsigned where
 * the kernel's are. {@code Data.statistics}
 */
public record Sample(
        ResourceUse use,
        List<Interface> interfaces,
        Optional<List<Counter>> vmm,
        Optional<Memory> memory) {

    /** {@code Timeval}; microseconds 0 to 999999 */
    public record Time(long seconds, long microseconds) {
        public static final Time ZERO = new Time(0, 0);
    }

    /** {@code RUsage}: maxrss in KiB, faults, blocks and switches counted since the start. */
    public record ResourceUse(
            Time utime,
            Time stime,
            long maxrss,
            long ixrss,
            long idrss,
            long isrss,
            long minflt,
            long majflt,
            long nswap,
            long inblock,
            long outblock,
            long msgsnd,
            long msgrcv,
            long nsignals,
            long nvcsw,
            long nivcsw) {}

    /** {@code KinfoMem}: vsize in bytes, rss in pages, runtime in microseconds of CPU time. */
    public record Memory(
            long vsize,
            long rss,
            long tsize,
            long dsize,
            long ssize,
            long runtime,
            long cow,
            Time start) {}

    /** {@code IfData}: a tap as the host sees it; its input is what the unikernel sent. */
    public record Interface(
            String bridge,
            long flags,
            long sendLength,
            long maxSendLength,
            long sendDrops,
            long mtu,
            long baudrate,
            long inputPackets,
            long inputErrors,
            long outputPackets,
            long outputErrors,
            long collisions,
            long inputBytes,
            long outputBytes,
            long inputMcast,
            long outputMcast,
            long inputDropped,
            long outputDropped) {}

    /** One of the hypervisor's counters. */
    public record Counter(String key, long value) {}

    public Sample {
        interfaces = List.copyOf(interfaces);
        vmm = vmm.map(List::copyOf);
    }
}
