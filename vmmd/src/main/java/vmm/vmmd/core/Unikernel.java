package vmm.vmmd.core;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import vmm.core.Arguments;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.core.Typ;

/**
 * A unikernel that was acknowledged, whatever it is doing now.
 *
 * @param failures how many exits came one after another
 */
public record Unikernel(Name name, Spec spec, Phase phase, int failures) {
    /**
     * What it is started with.
     *
     * @param digest SHA-256 of the image
     */
    public record Spec(Typ typ, Bytes digest, Arguments arguments, Limits limits) {
        public Spec(Typ typ, Bytes digest, Arguments arguments) {
            this(typ, digest, arguments, Limits.NONE);
        }

        public Spec withArguments(Arguments newArguments) {
            return new Spec(typ, digest, newArguments, limits);
        }

        public Spec withLimits(Limits newLimits) {
            return new Spec(typ, digest, arguments, newLimits);
        }
    }

    /**
     * Ceilings that hold whether it is busy or not; 0 is none.
     *
     * @param milliCpus thousandths of a CPU
     * @param memoryBytes of the guest and its tender
     * @param idleSeconds without traffic on its taps after which it is paused until there is some
     * @param readBytes a second, from each disk of the host
     * @param writeBytes a second, to each disk of the host
     */
    public record Limits(
            long milliCpus, long memoryBytes, long idleSeconds, long readBytes, long writeBytes) {
        public static final Limits NONE = new Limits(0, 0, 0, 0, 0);

        public Limits withMemory(long bytes) {
            return new Limits(milliCpus, bytes, idleSeconds, readBytes, writeBytes);
        }

        public double cpus() {
            return milliCpus / 1000.0;
        }
    }

    /**
     * A process that runs.
     *
     * @param startMillis its start, by which it is told from a later process of the same pid
     * @param taps the unikernel's name of each network device, and its tap
     * @param named whether it was given {@code --name}
     */
    public record Run(long pid, long startMillis, Map<String, String> taps, boolean named) {
        public Run {
            taps = Map.copyOf(taps);
        }

        Instant since() {
            return Instant.ofEpochMilli(startMillis);
        }

        RunId id() {
            return new RunId(pid, startMillis);
        }
    }

    /** A process, told from a later one of the same pid by its start, Unix time in ms. */
    public record RunId(long pid, long startMillis) {}

    /** What it is doing. */
    public sealed interface Phase {
        /** A job starts it. {@code client} waits for the outcome. */
        record Starting(
                Optional<Client> client, String verb, Optional<Spec> fallback, boolean stopAfter)
                implements Phase {}

        record Running(Run run) implements Phase {}

        /** It is frozen until it is resumed. */
        record Paused(Run run) implements Phase {}

        /** It was asked to end. */
        record Ending(Run run, Instant killAt, Next next) implements Phase {}

        /** It ended; a job puts away what it had. */
        record Cleaning(Next next) implements Phase {}

        /** It is started again at {@code until}. */
        record Waiting(Instant until, String reason) implements Phase {}

        /** vmmd is stopping; the next one starts it again. */
        record Parked() implements Phase {}
    }

    /** What follows when it has ended and everything is put away. */
    public sealed interface Next {
        /** It is destroyed: these wait to hear of it. */
        record Forget(List<Client> clients) implements Next {
            public Forget {
                clients = List.copyOf(clients);
            }
        }

        record StartAgain(boolean named) implements Next {}

        record BackOff(String reason) implements Next {}

        /** Another spec takes its place; {@code fallback} comes back if that one does not start. */
        record Replace(Client client, String verb, Spec spec, Optional<Spec> fallback)
                implements Next {}

        record Park() implements Next {}
    }

    Unikernel with(Phase next) {
        return new Unikernel(name, spec, next, failures);
    }

    Unikernel with(Spec newSpec) {
        return new Unikernel(name, newSpec, phase, failures);
    }

    Unikernel withFailures(int count) {
        return new Unikernel(name, spec, phase, count);
    }

    /** What the disk should have: what is about to take its place is there already. */
    Effect.Record.Put kept() {
        return replacement()
                .map(other -> new Effect.Record.Put(name, other, run().map(Run::id)))
                .orElse(new Effect.Record.Put(name, spec));
    }

    /** What follows when it has ended and is put away. */
    Optional<Spec> replacement() {
        return switch (phase) {
            case Phase.Ending(_, _, Next.Replace(_, _, var other, _)) -> Optional.of(other);
            case Phase.Cleaning(Next.Replace(_, _, var other, _)) -> Optional.of(other);
            case Phase.Ending _,
                    Phase.Cleaning _,
                    Phase.Starting _,
                    Phase.Running _,
                    Phase.Paused _,
                    Phase.Waiting _,
                    Phase.Parked _ ->
                    Optional.empty();
        };
    }

    /** Its process, while there is one. */
    Optional<Run> run() {
        return switch (phase) {
            case Phase.Running(var run) -> Optional.of(run);
            case Phase.Paused(var run) -> Optional.of(run);
            case Phase.Ending(var run, _, _) -> Optional.of(run);
            case Phase.Starting _, Phase.Cleaning _, Phase.Waiting _, Phase.Parked _ ->
                    Optional.empty();
        };
    }

    /** Whether its resources are taken: while it waits to be started they are free for others. */
    boolean holdsResources() {
        return switch (phase) {
            case Phase.Starting _,
                    Phase.Running _,
                    Phase.Paused _,
                    Phase.Ending _,
                    Phase.Cleaning _ ->
                    true;
            case Phase.Waiting _, Phase.Parked _ -> false;
        };
    }
}
