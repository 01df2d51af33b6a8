package vmm.wire;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import vmm.core.Arguments;
import vmm.core.Bytes;
import vmm.core.Policy;
import vmm.core.UnikernelConfig;

/** What can be asked. {@code Command ::= CHOICE { console [0] … block [5] }} */
public sealed interface Command {
    /** For vmm-console. */
    sealed interface Console extends Command {}

    /** For vmm-stats; {@code add} and {@code remove} come from vmmd, {@code initial} goes to it. */
    sealed interface Statistics extends Command {}

    /** For vmmd. */
    sealed interface Unikernel extends Command {}

    /** For vmmd. */
    sealed interface Policies extends Command {}

    /** For vmmd. */
    sealed interface Block extends Command {}

    /** How much of a console's past is wanted. */
    sealed interface History {
        record Since(Instant time) implements History {}

        /**
         * @param lines the newest so many; 0 or less is none
         */
        record Count(long lines) implements History {}
    }

    /**
     * @param rings how many rings the path may keep; absent before 2.6.1
     */
    record ConsoleAdd(OptionalLong rings) implements Console {}

    /**
     * @param utc the form until 2.5.1, whose lines come back as {@code utc-console}
     */
    record ConsoleSubscribe(boolean utc, History history) implements Console {}

    record ConsoleListInactive() implements Console {}

    /**
     * @param vmmdev the hypervisor's device; empty on Linux
     * @param taps bridge (or the unikernel's name for the device) and host interface
     */
    record StatsAdd(String vmmdev, long pid, List<Tap> taps) implements Statistics {
        public StatsAdd {
            taps = List.copyOf(taps);
        }
    }

    record Tap(String bridge, String tap) {}

    record StatsRemove() implements Statistics {}

    record StatsSubscribe() implements Statistics {}

    record StatsInitial() implements Statistics {}

    record UnikernelInfo(Form.Info form) implements Unikernel {}

    record Create(boolean force, Form.Config form, UnikernelConfig config) implements Unikernel {}

    record Destroy() implements Unikernel {}

    /**
     * @param level of compression, 0 to 9; 0 is none
     */
    record GetImage(Form.Get form, long level) implements Unikernel {}

    /** Answered as {@link BlockDumpFrom}: an extension, which no release of albatross has. */
    record GetImageFrom(long level, Prefix from) implements Unikernel {}

    /**
     * @param arguments absent: as before
     */
    record Restart(Form.Restart form, Optional<Arguments> arguments) implements Unikernel {}

    record PolicyInfo() implements Policies {}

    record PolicyAdd(Policy policy) implements Policies {}

    record PolicyRemove() implements Policies {}

    record BlockInfo() implements Block {}

    record BlockAdd(long sizeMiB) implements Block {}

    record BlockRemove() implements Block {}

    record BlockAddOld(long sizeMiB, boolean compressed, Optional<Bytes> data) implements Block {}

    record BlockSetOld(boolean compressed, Bytes data) implements Block {}

    record BlockDumpOld(long level) implements Block {}

    record BlockDump(long level) implements Block {}

    /** Chunks of content follow in frames of their own (BEHAVIOUR 2). */
    record BlockSet(boolean compressed) implements Block {}

    /**
     * What is left of a dump that broke off, if the device still begins with {@code from}: an
     * extension, which no release of albatross has.
     *
     * @param level of compression of what is left, 0 to 9; 0 is none
     */
    record BlockDumpFrom(long level, Prefix from) implements Block {}

    /**
     * What is left of a set that broke off, if vmmd still holds {@code from}; should it break off
     * again, vmmd holds what came. Chunks follow as after {@link BlockSet}. An extension.
     */
    record BlockSetFrom(boolean compressed, Prefix from) implements Block {}

    /** How much vmmd holds of a set that broke off, if it may go on: an extension. */
    record BlockHeld() implements Block {}
}
