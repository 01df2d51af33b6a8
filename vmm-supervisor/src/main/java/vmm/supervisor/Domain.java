package vmm.supervisor;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.CycleResponse;
import vmm.wire.supervisor.DomainRecord;
import vmm.wire.supervisor.DomainsResponse;
import vmm.wire.supervisor.DomainsResponse.State;
import vmm.wire.supervisor.EventData;

/** A domain and its processes. Only who has the baton touches it. */
final class Domain {
    /** A process, alive or ended. */
    static final class Running {
        final String name;
        final int pid;
        final long startTicks;
        final long startMillis;
        final Optional<String> output;

        /** A descriptor of the output, or -1. */
        int held;

        /** True after SIGKILL was sent on somebody's behalf. */
        boolean killed;

        @Nullable EventData ended;

        /** True if somebody has read the event of its end. */
        boolean told;

        /** Completed when it has ended. */
        final CompletableFuture<EventData> end = new CompletableFuture<>();

        Running(
                String name,
                int pid,
                long startTicks,
                long startMillis,
                Optional<String> output,
                int held) {
            this.name = name;
            this.pid = pid;
            this.startTicks = startTicks;
            this.startMillis = startMillis;
            this.output = output;
            this.held = held;
        }

        boolean lives() {
            return ended == null;
        }

        DomainRecord.Process record() {
            return new DomainRecord.Process(
                    name, pid, startTicks, startMillis, output, Optional.ofNullable(ended), told);
        }
    }

    final String name;
    ConfigureRequest configuration;
    State state = State.CONFIGURED;

    /** What it stands on while it is started or frozen. */
    @Nullable Ground ground;

    final Map<String, Running> processes = new LinkedHashMap<>();

    /** True while a call of this domain is under way; the next ones wait. */
    boolean busy;

    final ArrayDeque<Runnable> waiting = new ArrayDeque<>();

    /** What had been used when this cycle began, or null before the first process. */
    @Nullable Usage cycleBegin;

    /** What waits for traffic while it is frozen, or null if nobody wants that. */
    Host.@Nullable Watch traffic;

    /** Kills for want of memory that have been told. */
    long oomKillsTold;

    Domain(ConfigureRequest configuration) {
        name = configuration.domain();
        this.configuration = configuration;
    }

    boolean isUp() {
        return state == State.STARTED || state == State.FROZEN;
    }

    Ground standing() {
        if (ground == null) {
            throw new IllegalStateException(name + " is not started");
        }
        return ground;
    }

    void forgetTraffic() {
        if (traffic != null) {
            traffic.close();
            traffic = null;
        }
    }

    /** What was used since the cycle began; it is over. */
    CycleResponse endCycle(Usage usage) {
        Usage begin = cycleBegin;
        cycleBegin = null;
        return begin == null ? CycleResponse.ZERO : usage.since(begin);
    }

    List<Running> living() {
        return processes.values().stream().filter(Running::lives).toList();
    }

    DomainsResponse.Domain describe() {
        return new DomainsResponse.Domain(
                name,
                state,
                ground == null ? Map.of() : ground.taps(),
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

    DomainRecord record(String bootId) {
        return new DomainRecord(
                bootId,
                configuration,
                state,
                ground == null ? Map.of() : ground.taps(),
                ground == null ? Map.of() : ground.cgroup().folders(),
                traffic != null,
                processes.values().stream().map(Running::record).toList());
    }
}
