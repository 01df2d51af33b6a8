package vmm.wire.der;

import java.util.List;
import java.util.Optional;
import vmm.core.Sample;

/** {@code Data.statistics}: RUsage, IfData, the hypervisor's counters and KinfoMem. */
final class Samples {
    private static final long MICROSECONDS_MAX = 999_999;
    private static final long INT32_MAX = 0xffff_ffffL;

    private Samples() {}

    static Sample read(DerReader in) throws DerException {
        int outer = in.openSequence();
        Sample.ResourceUse use = readUse(in);
        List<Sample.Interface> interfaces = in.readList(Tag.SEQUENCE, Samples::readInterface);
        Optional<List<Sample.Counter>> vmm =
                Configs.optional(in, 0, i -> i.readList(Tag.SEQUENCE, Samples::readCounter));
        Optional<Sample.Memory> memory = Optional.empty();
        if (in.nextIs(Tag.context(1))) {
            memory = Optional.of(readMemory(in));
        }
        in.close(outer);
        return new Sample(use, interfaces, vmm, memory);
    }

    private static Sample.ResourceUse readUse(DerReader in) throws DerException {
        int outer = in.openSequence();
        var use =
                new Sample.ResourceUse(
                        readTime(in),
                        readTime(in),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64());
        in.close(outer);
        return use;
    }

    private static Sample.Time readTime(DerReader in) throws DerException {
        int outer = in.openSequence();
        long seconds = in.readInt64();
        int offset = in.offset();
        long microseconds = in.readInteger();
        if (microseconds < 0 || microseconds > MICROSECONDS_MAX) {
            throw new DerException(offset, "microseconds are 0 to " + MICROSECONDS_MAX);
        }
        in.close(outer);
        return new Sample.Time(seconds, microseconds);
    }

    private static Sample.Counter readCounter(DerReader in) throws DerException {
        int outer = in.openSequence();
        var counter = new Sample.Counter(in.readText(), in.readInt64());
        in.close(outer);
        return counter;
    }

    private static Sample.Memory readMemory(DerReader in) throws DerException {
        int outer = in.open(Tag.context(1));
        var memory =
                new Sample.Memory(
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInteger(),
                        readTime(in));
        in.close(outer);
        return memory;
    }

    private static Sample.Interface readInterface(DerReader in) throws DerException {
        int outer = in.openSequence();
        var found =
                new Sample.Interface(
                        in.readText(),
                        readInt32(in),
                        readInt32(in),
                        readInt32(in),
                        readInt32(in),
                        readInt32(in),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64(),
                        in.readInt64());
        in.close(outer);
        return found;
    }

    private static long readInt32(DerReader in) throws DerException {
        int offset = in.offset();
        long value = in.readInteger();
        if (value > INT32_MAX || value < Integer.MIN_VALUE) {
            throw new DerException(offset, "more than 32 bits");
        }
        return value;
    }

    static void write(DerWriter out, Sample sample) {
        int mark = out.mark();
        // No lambdas that capture: without C2 making one costs more than writing a field.
        if (sample.memory().isPresent()) {
            writeMemory(out, sample.memory().get());
        }
        if (sample.vmm().isPresent()) {
            int counters = out.mark();
            out.writeList(Tag.SEQUENCE, sample.vmm().get(), Samples::writeCounter);
            out.context(0, counters);
        }
        out.writeList(Tag.SEQUENCE, sample.interfaces(), Samples::writeInterface);
        writeUse(out, sample.use());
        out.sequence(mark);
    }

    private static void writeUse(DerWriter out, Sample.ResourceUse use) {
        int mark = out.mark();
        out.writeInt64(use.nivcsw());
        out.writeInt64(use.nvcsw());
        out.writeInt64(use.nsignals());
        out.writeInt64(use.msgrcv());
        out.writeInt64(use.msgsnd());
        out.writeInt64(use.outblock());
        out.writeInt64(use.inblock());
        out.writeInt64(use.nswap());
        out.writeInt64(use.majflt());
        out.writeInt64(use.minflt());
        out.writeInt64(use.isrss());
        out.writeInt64(use.idrss());
        out.writeInt64(use.ixrss());
        out.writeInt64(use.maxrss());
        writeTime(out, use.stime());
        writeTime(out, use.utime());
        out.sequence(mark);
    }

    private static void writeTime(DerWriter out, Sample.Time time) {
        int mark = out.mark();
        out.writeInteger(time.microseconds());
        out.writeInt64(time.seconds());
        out.sequence(mark);
    }

    private static void writeCounter(DerWriter out, Sample.Counter counter) {
        int mark = out.mark();
        out.writeInt64(counter.value());
        out.writeText(counter.key());
        out.sequence(mark);
    }

    private static void writeMemory(DerWriter out, Sample.Memory memory) {
        int mark = out.mark();
        writeTime(out, memory.start());
        out.writeInteger(memory.cow());
        out.writeInt64(memory.runtime());
        out.writeInt64(memory.ssize());
        out.writeInt64(memory.dsize());
        out.writeInt64(memory.tsize());
        out.writeInt64(memory.rss());
        out.writeInt64(memory.vsize());
        out.context(1, mark);
    }

    private static void writeInterface(DerWriter out, Sample.Interface i) {
        int mark = out.mark();
        out.writeInt64(i.outputDropped());
        out.writeInt64(i.inputDropped());
        out.writeInt64(i.outputMcast());
        out.writeInt64(i.inputMcast());
        out.writeInt64(i.outputBytes());
        out.writeInt64(i.inputBytes());
        out.writeInt64(i.collisions());
        out.writeInt64(i.outputErrors());
        out.writeInt64(i.outputPackets());
        out.writeInt64(i.inputErrors());
        out.writeInt64(i.inputPackets());
        out.writeInt64(i.baudrate());
        out.writeInteger(i.mtu());
        out.writeInteger(i.sendDrops());
        out.writeInteger(i.maxSendLength());
        out.writeInteger(i.sendLength());
        out.writeInteger(i.flags());
        out.writeText(i.bridge());
        out.sequence(mark);
    }
}
