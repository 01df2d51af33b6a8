package vmm.wire.der;

import java.util.Optional;
import vmm.core.Bytes;
import vmm.wire.Command;
import vmm.wire.Prefix;

/**
 * What this suite says beyond albatross's grammar, with the highest numbers that one byte has: sent
 * where the user asks for it, and where the other side refuses it there is another way (ADR 26).
 */
final class Extension {
    /** {@code get-from [30] SEQUENCE { level INTEGER, from Prefix }}, among unikernel commands. */
    static final int GET_FROM = 30;

    /** {@code dump-from [28] SEQUENCE { level INTEGER, from Prefix }}, among block commands. */
    static final int DUMP_FROM = 28;

    /** {@code set-from [29] SEQUENCE { compressed BOOLEAN, from Prefix }}. */
    static final int SET_FROM = 29;

    /** {@code held [30] NULL} among block commands, {@code held [30] Prefix} as their answer. */
    static final int HELD = 30;

    private Extension() {}

    /** A command of a level and what is there already. */
    interface Levelled {
        Command of(long level, Prefix from);
    }

    static Command levelled(DerReader in, Levelled command) throws DerException {
        int outer = in.openSequence();
        Command read = command.of(in.readInteger(), readPrefix(in));
        in.close(outer);
        return read;
    }

    static void writeLevelled(DerWriter out, long level, Prefix from) {
        int mark = out.mark();
        writePrefix(out, from);
        out.writeInteger(level);
        out.sequence(mark);
    }

    static Command readSetFrom(DerReader in) throws DerException {
        int outer = in.openSequence();
        var set = new Command.BlockSetFrom(in.readBoolean(), readPrefix(in));
        in.close(outer);
        return set;
    }

    static Prefix readPrefix(DerReader in) throws DerException {
        int offset = in.offset();
        int outer = in.openSequence();
        long bytes = in.readInteger();
        Bytes sha256 = in.readOctets();
        in.close(outer);
        Optional<String> problem = Prefix.problem(bytes, sha256);
        if (problem.isPresent()) {
            throw new DerException(offset, problem.get());
        }
        // It outlives the frame.
        return new Prefix(bytes, Bytes.of(sha256.toArray()));
    }

    static void writePrefix(DerWriter out, Prefix prefix) {
        int mark = out.mark();
        out.writeOctets(prefix.sha256());
        out.writeInteger(prefix.bytes());
        out.sequence(mark);
    }
}
