package vmm.supervisor;

import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;
import vmm.os.Errno;
import vmm.os.Libc;
import vmm.os.Reaper;
import vmm.wire.supervisor.DomainsResponse.State;
import vmm.wire.supervisor.Event;
import vmm.wire.supervisor.EventData;
import vmm.wire.supervisor.ExecRequest;
import vmm.wire.supervisor.ExecResponse;
import vmm.wire.supervisor.SupervisorError.Kind;

/** The life of a domain's processes, from start to the event of their end. With the baton. */
final class Processes {
    static final int PROCESSES_MAX = 256;
    private static final long TAKE_SECONDS_MAX = 5;

    private static final Logger LOG = LogManager.getLogger(Processes.class);

    private final Host host;
    private final Events events;
    private final Logs logs;
    private final Clock clock;
    private final Work work;
    private final BiConsumer<Domain, Domain.Running> keep;

    Processes(
            Host host,
            Events events,
            Logs logs,
            Clock clock,
            Work work,
            BiConsumer<Domain, Domain.Running> keep) {
        this.host = host;
        this.events = events;
        this.logs = logs;
        this.clock = clock;
        this.work = work;
        this.keep = keep;
    }

    /**
     * @param begin what had been used before, where a cycle begins with this process
     */
    private record Born(int pid, long startTicks, int held, Optional<Usage> begin) {}

    /** Why a process of this name cannot be started now, or empty if it can. */
    Optional<Outcome> refusal(Domain domain, String name) {
        Domain.Running old = domain.processes.get(name);
        if (domain.state == State.FROZEN) {
            return Optional.of(Outcome.refused(Kind.INVALID_STATE, "the domain is frozen"));
        } else if (domain.state != State.STARTED) {
            return Optional.of(
                    Outcome.refused(
                            Kind.INVALID_STATE,
                            "tried to exec a process in a domain which is not booted"));
        } else if (old != null && old.lives()) {
            return Optional.of(
                    Outcome.refused(Kind.INVALID_STATE, "process " + name + " is running"));
        } else if (old == null && domain.processes.size() >= PROCESSES_MAX && !forgetOne(domain)) {
            return Optional.of(
                    Outcome.refused(
                            Kind.FAILURE,
                            "more than "
                                    + PROCESSES_MAX
                                    + " processes: read the events of those that ended, or stop"
                                    + " the domain"));
        }
        return Optional.empty();
    }

    /** Forgets the oldest process whose end somebody has read; false if there is none. */
    private static boolean forgetOne(Domain domain) {
        Iterator<Domain.Running> oldest = domain.processes.values().iterator();
        while (oldest.hasNext()) {
            Domain.Running process = oldest.next();
            if (!process.lives() && process.told) {
                oldest.remove();
                return true;
            }
        }
        return false;
    }

    CompletableFuture<Outcome> start(Domain domain, ExecRequest request, Work work) {
        boolean first = domain.cycleBegin == null;
        Ground ground = domain.standing();
        return work.on(
                () -> {
                    Optional<Usage> begin =
                            first ? Optional.of(host.usage(ground)) : Optional.empty();
                    int held =
                            request.output().isPresent() ? host.hold(request.output().get()) : -1;
                    boolean ok = false;
                    try {
                        int pid = host.spawn(ground, request, sink(domain));
                        ok = true;
                        return new Born(pid, host.startTicks(pid), held, begin);
                    } finally {
                        if (!ok) {
                            release(held);
                        }
                    }
                },
                born -> started(domain, request, born));
    }

    private Logs.Sink sink(Domain domain) {
        return records -> {
            var taken = new CountDownLatch(1);
            work.core()
                    .accept(
                            () -> {
                                logs.put(domain.name, records);
                                taken.countDown();
                            });
            // A core that has stopped takes nothing any more.
            boolean _ = taken.await(TAKE_SECONDS_MAX, TimeUnit.SECONDS);
        };
    }

    private Outcome started(Domain domain, ExecRequest request, Born born) {
        born.begin().ifPresent(usage -> domain.cycleBegin = usage);
        var process =
                new Domain.Running(
                        request.name(),
                        born.pid(),
                        born.startTicks(),
                        clock.millis(),
                        request.output(),
                        born.held());
        domain.processes.put(request.name(), process);
        keep.accept(domain, process);
        watch(domain, process, true);
        return Outcome.done(new ExecResponse(process.pid, process.startMillis).json());
    }

    /** A process that is gone already has ended in a way nobody can tell. */
    void watch(Domain domain, Domain.Running process, boolean child) {
        try {
            host.watch(
                    process.pid,
                    child,
                    how -> work.core().accept(() -> ended(domain, process, how)));
        } catch (Errno gone) {
            ended(domain, process, new Reaper.Unknown());
        } catch (IOException e) {
            LOG.error("cannot watch {}: {}", process.pid, e.getMessage());
            ended(domain, process, new Reaper.Unknown());
        }
    }

    /** Takes over a process of a predecessor; a gone one has ended while nobody looked. */
    void adopt(Domain domain, Domain.Running process, boolean there) {
        domain.processes.put(process.name, process);
        EventData ended = process.ended;
        if (ended != null) {
            process.end.complete(ended);
            if (!process.told) {
                events.put(domain.name, new Event(clock.millis(), ended));
            }
        } else if (there) {
            process.held = hold(process.output);
            watch(domain, process, false);
        } else {
            ended(domain, process, new Reaper.Unknown());
        }
    }

    private int hold(Optional<String> output) {
        try {
            return output.isPresent() ? host.hold(output.get()) : -1;
        } catch (IOException e) {
            LOG.warn("output cannot be kept open: {}", e.getMessage());
            return -1;
        }
    }

    private void release(int held) {
        if (held < 0) {
            return;
        }
        try {
            host.release(held);
        } catch (IOException e) {
            LOG.error("{}", e.getMessage());
        }
    }

    private void ended(Domain domain, Domain.Running process, Reaper.Ending how) {
        EventData data =
                switch (how) {
                    case Reaper.Exited(int code) ->
                            EventData.exited(domain.name, process.name, code);
                    case Reaper.Signalled(int signal) ->
                            signal == Libc.SIGKILL && wasOutOfMemory(domain, process)
                                    ? EventData.oomKilled(domain.name, process.name)
                                    : EventData.signaled(domain.name, process.name, signal);
                    case Reaper.Unknown() -> EventData.ended(domain.name, process.name);
                };
        process.ended = data;
        release(process.held);
        process.held = -1;
        events.put(domain.name, new Event(clock.millis(), data));
        keep.accept(domain, process);
        process.end.complete(data);
    }

    private boolean wasOutOfMemory(Domain domain, Domain.Running process) {
        Ground ground = domain.ground;
        if (ground == null || process.killed) {
            return false;
        }
        boolean more = host.oomKills(ground) > domain.oomKillsTold;
        if (more) {
            domain.oomKillsTold++;
        }
        return more;
    }

    /** Notes that the end of a process has been read. */
    void told(Domain domain, Event event) {
        Domain.@Nullable Running process =
                event.data().name() == null ? null : domain.processes.get(event.data().name());
        if (process != null && !process.told && event.data().equals(process.ended)) {
            process.told = true;
            keep.accept(domain, process);
        }
    }

    void kill(@Nullable Domain domain, Domain.Running process) {
        process.killed = true;
        host.signal(process.pid, Libc.SIGKILL);
        if (domain != null && domain.state == State.FROZEN) {
            letDie(domain);
        }
    }

    /** Under cgroup v1 a killed process dies only outside the freezer. */
    void letDie(Domain domain) {
        Ground ground = domain.standing();
        for (Domain.Running process : domain.living()) {
            if (process.killed) {
                CompletableFuture<Outcome> _ =
                        work.on(
                                () -> {
                                    host.letDie(ground, process.pid);
                                    return process;
                                },
                                _ -> Outcome.DONE);
            }
        }
    }

    /** Kills everything; done when all is reaped. */
    CompletableFuture<Outcome> killAll(Domain domain) {
        Ground ground = domain.standing();
        var ends = new ArrayList<CompletableFuture<EventData>>();
        for (Domain.Running process : domain.living()) {
            process.killed = true;
            host.signal(process.pid, Libc.SIGKILL);
            ends.add(process.end);
        }
        return work.on(
                        () -> {
                            host.killAll(ground);
                            return ground;
                        },
                        _ -> Outcome.DONE)
                .thenCompose(
                        outcome ->
                                CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new))
                                        .thenApply(_ -> outcome));
    }
}
