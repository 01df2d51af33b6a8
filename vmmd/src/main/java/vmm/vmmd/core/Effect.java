package vmm.vmmd.core;

import java.util.Optional;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.wire.Command;
import vmm.wire.Message;

/** What a step wants done at once, in order. */
public sealed interface Effect {
    /**
     * @param last the connection is closed afterwards
     */
    record Reply(Client client, Message message, boolean last) implements Effect {}

    /** Makes a record durable, after all before it; ends in {@link Input.Persisted}. */
    record Persist(long token, Record record) implements Effect {}

    /** A change of what is kept on disk. */
    sealed interface Record {
        /**
         * @param replaces what runs until it can be started: it is not this spec that runs there
         */
        record Put(Name name, Unikernel.Spec spec, Optional<Unikernel.RunId> replaces)
                implements Record {
            public Put(Name name, Unikernel.Spec spec) {
                this(name, spec, Optional.empty());
            }
        }

        record Forget(Name name) implements Record {}

        record SetPolicy(vmm.core.Path path, vmm.core.Policy policy) implements Record {}

        record DropPolicy(vmm.core.Path path) implements Record {}
    }

    /** Nothing names this image any more. */
    record DropImage(Bytes digest) implements Effect {}

    record TellStats(Name name, Command.Statistics command) implements Effect {}

    /** For those who follow what happens. {@code detail} is for people. */
    record Tell(Happening what, String name, String detail) implements Effect {}

    /** What can be told of a unikernel or a path. */
    enum Happening {
        CREATED,
        STARTED,
        EXITED,
        RESTARTED,
        NOT_STARTED,
        DESTROYED,
        POLICY_CHANGED,
        REFUSED,
        PAUSED,
        RESUMED,
        LIMITS_CHANGED
    }

    record Log(boolean warning, String text) implements Effect {}

    /** Everything is put away: the process may end. */
    record AllStopped() implements Effect {}
}
