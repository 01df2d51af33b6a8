package vmm.supervisor;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.DomainsResponse;
import vmm.wire.supervisor.DomainsResponse.State;
import vmm.wire.supervisor.EventData;

/** A domain and its processes. Only the core's thread touches it. */
final class Domain {
    /** A process, alive or ended. */
    static final class Running {
        final String name;
        final int pid;
        final long startMillis;

        /** A descriptor of the output, or -1. */
        int held;

        @Nullable EventData ended;

        /** Completed when it has ended. */
        final CompletableFuture<EventData> end = new CompletableFuture<>();

        Running(String name, int pid, long startMillis, int held) {
            this.name = name;
            this.pid = pid;
            this.startMillis = startMillis;
            this.held = held;
        }

        boolean lives() {
            return ended == null;
        }
    }

    final String name;
    ConfigureRequest configuration;
    State state = State.CONFIGURED;
    final Map<String, String> taps = new LinkedHashMap<>();
    final Map<String, Running> processes = new LinkedHashMap<>();

    /** When the first process of this cycle began, in nanoseconds of the machine's clock. */
    long cycleStart;

    Domain(ConfigureRequest configuration) {
        name = configuration.domain();
        this.configuration = configuration;
    }

    DomainsResponse.Domain describe() {
        return new DomainsResponse.Domain(
                name,
                state,
                taps,
                processes.values().stream()
                        .map(
                                p ->
                                        new DomainsResponse.Process(
                                                p.name,
                                                p.pid,
                                                p.startMillis,
                                                Optional.ofNullable(p.ended)))
                        .toList());
    }
}
