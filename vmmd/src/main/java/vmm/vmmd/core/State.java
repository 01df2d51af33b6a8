package vmm.vmmd.core;

import java.time.Duration;
import java.util.Optional;
import org.pcollections.HashTreePSet;
import org.pcollections.MapPSet;
import org.pcollections.TreePMap;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.core.Resources;
import vmm.wire.Message;

/**
 * Everything that vmmd knows.
 *
 * @param grace between SIGTERM and SIGKILL
 * @param pending what waits to be durable before it is answered
 * @param stopping whether vmmd is about to end
 * @param preparing how many jobs may be storing an image that nothing names yet
 * @param doubtful images to look at again when no job is preparing any more
 */
public record State(
        Resources resources,
        TreePMap<Name, Unikernel> unikernels,
        TreePMap<Long, Pending> pending,
        long nextToken,
        Duration grace,
        boolean stopping,
        int preparing,
        MapPSet<Bytes> doubtful) {

    /**
     * An answer that is given when the change is durable.
     *
     * @param undo what to take back if it cannot be made durable
     */
    public record Pending(Client client, Message message, boolean last, Undo undo) {}

    /** What a change is taken back with. */
    public sealed interface Undo {
        record Nothing() implements Undo {}

        record Policy(vmm.core.Path path, Optional<vmm.core.Policy> before) implements Undo {}

        record Destroy(Name name) implements Undo {}
    }

    public static State empty(Duration grace) {
        return new State(
                Resources.EMPTY,
                TreePMap.empty(),
                TreePMap.empty(),
                1,
                grace,
                false,
                0,
                HashTreePSet.empty());
    }

    public Optional<Unikernel> unikernel(Name name) {
        return Optional.ofNullable(unikernels.get(name));
    }

    State with(Resources newResources) {
        return new State(
                newResources, unikernels, pending, nextToken, grace, stopping, preparing, doubtful);
    }

    State with(Unikernel unikernel) {
        return with(unikernels.plus(unikernel.name(), unikernel));
    }

    State without(Name name) {
        return with(unikernels.minus(name));
    }

    private State with(TreePMap<Name, Unikernel> newUnikernels) {
        return new State(
                resources, newUnikernels, pending, nextToken, grace, stopping, preparing, doubtful);
    }

    State withPending(Pending answer) {
        return new State(
                resources,
                unikernels,
                pending.plus(nextToken, answer),
                nextToken + 1,
                grace,
                stopping,
                preparing,
                doubtful);
    }

    State withoutPending(long token) {
        return new State(
                resources,
                unikernels,
                pending.minus(token),
                nextToken,
                grace,
                stopping,
                preparing,
                doubtful);
    }

    State asStopping() {
        return new State(
                resources, unikernels, pending, nextToken, grace, true, preparing, doubtful);
    }

    State withPreparing(int jobs, MapPSet<Bytes> images) {
        return new State(resources, unikernels, pending, nextToken, grace, stopping, jobs, images);
    }
}
