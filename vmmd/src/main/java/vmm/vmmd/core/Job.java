package vmm.vmmd.core;

import java.util.Optional;
import vmm.core.Name;
import vmm.wire.Command;

/**
 * What may block; each ends in exactly one input, but {@link Ready}, which is a part of what
 * follows it, and {@link SendImage}, which answers itself.
 */
public sealed interface Job {
    /** Stores the image, checks manifest, ABI, tender and bridges. Ends in Prepared. */
    record Prepare(Client client, Command command, Unikernel.Spec before) implements Job {}

    /**
     * Makes the fifo, the console and the domain while the record is being written: Launch or
     * Abandon comes next.
     *
     * @param rings how many consoles the path may keep
     */
    record Ready(Name name, Unikernel.Spec spec, long rings) implements Job {}

    /** Puts away what was made ready. Ends in LaunchFailed. */
    record Abandon(Name name, String why) implements Job {}

    /**
     * Ends in Launched or LaunchFailed.
     *
     * @param named whether to give {@code --name}
     * @param rings how many consoles the path may keep
     */
    record Launch(Name name, Unikernel.Spec spec, boolean named, long rings) implements Job {}

    /**
     * SIGTERM. Its end comes as Exited.
     *
     * @param paused whether it must be thawed to hear of it
     */
    record Terminate(Name name, boolean paused) implements Job {}

    /** SIGKILL. Its end comes as Exited. */
    record Kill(Name name) implements Job {}

    /** Stops and removes the domain, the taps, the fifo. Ends in Cleaned. */
    record Clean(Name name) implements Job {}

    /**
     * Makes, removes, fills or reads a block device's file. Ends in BlockDone; what was read it has
     * answered itself.
     */
    record Block(Client client, Command.Block command, long sizeMiB) implements Job {}

    /**
     * Freezes, thaws or limits what runs. Ends in ControlDone.
     *
     * @param client who waits for it, if anybody does
     */
    record Control(Optional<Client> client, Name name, long pid, Input.Wish wish) implements Job {}

    /**
     * @param command {@code GetImage} or {@code GetImageFrom}
     */
    record SendImage(Client client, Unikernel.Spec spec, Command.Unikernel command)
            implements Job {}
}
