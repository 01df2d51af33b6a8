package vmm.vmmd.core;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;
import org.pcollections.HashTreePSet;
import org.pcollections.MapPSet;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.core.Resources;
import vmm.vmmd.core.Unikernel.Spec;
import vmm.wire.Message;

/**
 * Everything that vmmd knows.
 *
 * @param grace between SIGTERM and SIGKILL
 * @param busyBlocks block devices that a job works on, and what it does
 * @param turns who waits while a unikernel is being started or ended, none of them empty
 */
public record State(
        Resources resources,
        TreePMap<Name, Unikernel> unikernels,
        Writes writes,
        Duration grace,
        Ending ending,
        Images images,
        HashPMap<Name, String> busyBlocks,
        HashPMap<Name, TreePVector<Input>> turns) {

    /** Whether vmmd is about to end. */
    public enum Ending {
        NO,
        LEAVES_UNIKERNELS,
        STOPS_UNIKERNELS
    }

    /**
     * What is on its way to the disk.
     *
     * @param pending what follows when it is there
     * @param unsaved whose record could not be written and is tried again
     * @param retryAt when that is
     */
    public record Writes(
            TreePMap<Long, Pending> pending,
            long nextToken,
            MapPSet<Name> unsaved,
            Instant retryAt) {
        Writes plus(Pending next) {
            return new Writes(pending.plus(nextToken, next), nextToken + 1, unsaved, retryAt);
        }

        Writes without(long token) {
            return new Writes(pending.minus(token), nextToken, unsaved, retryAt);
        }

        /** Whether {@code token} and all before it are done. */
        boolean areDoneUntil(long token) {
            return pending.isEmpty() || pending.firstKey() > token;
        }

        Writes withUnsaved(MapPSet<Name> names, Instant again) {
            return new Writes(pending, nextToken, names, again);
        }
    }

    /** What follows when a change is durable, or could not be made so. */
    public sealed interface Pending {
        /** The answer. */
        record Answer(Client client, Message message, boolean last, Undo undo) implements Pending {}

        /** A new unikernel is launched. */
        record Start(Name name) implements Pending {}

        /** {@code spec} takes the place of what {@code name} was. */
        record Replace(Name name, Client client, Spec spec) implements Pending {}

        /** Nothing; if it failed the record is written again later. */
        record Rewrite(Name name) implements Pending {}
    }

    /** What a change is taken back with. */
    public sealed interface Undo {
        record Nothing() implements Undo {}

        record Policy(vmm.core.Path path, Optional<vmm.core.Policy> before) implements Undo {}

        /** It happened all the same: the record is written again later. */
        record Rewrite(Name name) implements Undo {}
    }

    /**
     * Images that nothing names.
     *
     * @param preparing how many jobs may be storing an image that nothing names yet
     * @param doubtful to look at again when no job is preparing any more, and this write and all
     *     before it are done: until then the disk may name it
     */
    public record Images(int preparing, HashPMap<Bytes, Long> doubtful) {
        Images withPreparing(int jobs) {
            return new Images(jobs, doubtful);
        }

        Images withDoubtful(HashPMap<Bytes, Long> digests) {
            return new Images(preparing, digests);
        }
    }

    public static State empty(Duration grace) {
        return new State(
                Resources.EMPTY,
                TreePMap.empty(),
                new Writes(TreePMap.empty(), 1, HashTreePSet.empty(), Instant.EPOCH),
                grace,
                Ending.NO,
                new Images(0, HashTreePMap.empty()),
                HashTreePMap.empty(),
                HashTreePMap.empty());
    }

    public Optional<Unikernel> unikernel(Name name) {
        return Optional.ofNullable(unikernels.get(name));
    }

    /** How many wait to be started again. */
    public long waiting() {
        return unikernels.values().stream()
                .filter(u -> u.phase() instanceof Unikernel.Phase.Waiting)
                .count();
    }

    /** True while a new spec for {@code name} is on its way to the disk. */
    boolean isReplacing(Name name) {
        return writes.pending().values().stream()
                .anyMatch(p -> p instanceof Pending.Replace(var of, _, _) && of.equals(name));
    }

    /** True while a new or another spec for {@code name} is on its way to the disk. */
    boolean isBeingRecorded(Name name) {
        return isReplacing(name) || writes.pending().containsValue(new Pending.Start(name));
    }

    State with(Resources newResources) {
        return new State(
                newResources, unikernels, writes, grace, ending, images, busyBlocks, turns);
    }

    State with(Unikernel unikernel) {
        return with(unikernels.plus(unikernel.name(), unikernel));
    }

    State without(Name name) {
        return with(unikernels.minus(name));
    }

    private State with(TreePMap<Name, Unikernel> newUnikernels) {
        return new State(
                resources, newUnikernels, writes, grace, ending, images, busyBlocks, turns);
    }

    State with(Writes newWrites) {
        return new State(
                resources, unikernels, newWrites, grace, ending, images, busyBlocks, turns);
    }

    State with(Images newImages) {
        return new State(
                resources, unikernels, writes, grace, ending, newImages, busyBlocks, turns);
    }

    State withBusyBlocks(HashPMap<Name, String> blocks) {
        return new State(resources, unikernels, writes, grace, ending, images, blocks, turns);
    }

    TreePVector<Input> waitingFor(Name name) {
        return turns.getOrDefault(name, TreePVector.empty());
    }

    State withWaiting(Name name, TreePVector<Input> inputs) {
        var others = inputs.isEmpty() ? turns.minus(name) : turns.plus(name, inputs);
        return new State(resources, unikernels, writes, grace, ending, images, busyBlocks, others);
    }

    boolean stopping() {
        return ending != Ending.NO;
    }

    State with(Ending newEnding) {
        return new State(
                resources, unikernels, writes, grace, newEnding, images, busyBlocks, turns);
    }
}
