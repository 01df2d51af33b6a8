package vmm.vmmd.core;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import vmm.core.ExitStatus;
import vmm.core.Name;
import vmm.core.Policy;
import vmm.wire.Command;

/** What can happen to vmmd. */
public sealed interface Input {
    /** What may lead to a deadline: it tells the time. */
    sealed interface Timed extends Input {
        Instant at();
    }

    /** The same, heard only at {@code now}: what follows counts from then. */
    static Input heard(Input input, Instant now) {
        return switch (input) {
            case Asked(var client, var command, _) -> new Asked(client, command, now);
            case Prepared(var client, var command, var spec, var problem, _) ->
                    new Prepared(client, command, spec, problem, now);
            case Input other -> other;
        };
    }

    /** A client asks. */
    record Asked(Client client, Command command, Instant at) implements Timed {}

    /** The image is stored and fits the arguments, or {@code problem} says what is wrong. */
    record Prepared(
            Client client,
            Command command,
            Unikernel.Spec spec,
            Optional<String> problem,
            Instant at)
            implements Timed {}

    record Launched(Name name, Unikernel.Run run, Instant at) implements Timed {}

    /** It did not start; the job has put away what it had made. */
    record LaunchFailed(Name name, String why, Instant at) implements Timed {}

    record Exited(Name name, long pid, ExitStatus how, Instant at) implements Timed {}

    record Cleaned(Name name, Instant at) implements Timed {}

    /** A job on a block device's file ended, or {@code problem} says why it failed. */
    record BlockDone(Client client, Command.Block command, Optional<String> problem)
            implements Input {}

    /** The record of {@code token} is durable, or {@code problem} says why it is not. */
    record Persisted(long token, Optional<String> problem, Instant at) implements Timed {}

    /** Somebody wants what albatross's wire has no words for. */
    record Controlled(Client client, Wish wish) implements Input {}

    sealed interface Wish {
        /**
         * @param untilTraffic whether a frame for one of its taps wakes it
         */
        record Pause(boolean untilTraffic) implements Wish {}

        record Resume() implements Wish {}

        record Limit(Unikernel.Limits limits) implements Wish {}
    }

    /**
     * A {@link Job.Control} ended, or {@code problem} says why it failed.
     *
     * @param note for those who follow events
     */
    record ControlDone(Job.Control job, Optional<String> problem, String note) implements Input {}

    /** It had no traffic for as long as its limits say. */
    record Idled(Name name, long pid) implements Input {}

    /** A frame came for a paused unikernel: it goes on. */
    record Woken(Name name) implements Input {}

    record Tick(Instant at) implements Timed {}

    /** Ends: with {@code stopUnikernels} everything is stopped and kept in the state. */
    record Stop(boolean stopUnikernels, Instant at) implements Timed {}

    /**
     * What was found at the start.
     *
     * @param running what the supervisor has for known unikernels
     */
    record Started(
            Policy root,
            List<Found> blocks,
            List<Stored> stored,
            List<StoredPolicy> policies,
            List<Running> running,
            Instant at)
            implements Timed {}

    record Found(Name device, long sizeMiB) {}

    /**
     * @param replaces the process that was to end before this spec is started
     */
    record Stored(Name name, Unikernel.Spec spec, Optional<Unikernel.RunId> replaces) {
        public Stored(Name name, Unikernel.Spec spec) {
            this(name, spec, Optional.empty());
        }
    }

    record StoredPolicy(vmm.core.Path path, Policy policy) {}

    /**
     * @param paused whether it is frozen
     */
    record Running(Name name, Unikernel.Run run, boolean paused) {}
}
