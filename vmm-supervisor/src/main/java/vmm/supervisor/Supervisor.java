package vmm.supervisor;

import static vmm.wire.supervisor.SupervisorError.Kind.FAILURE;
import static vmm.wire.supervisor.SupervisorError.Kind.INVALID_STATE;
import static vmm.wire.supervisor.SupervisorError.Kind.NO_SUCH_ENTITY;
import static vmm.wire.supervisor.SupervisorError.Kind.SERDE;

import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.os.Libc;
import vmm.os.Reaper;
import vmm.os.Spawner;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.CycleResponse;
import vmm.wire.supervisor.DomainsResponse;
import vmm.wire.supervisor.DomainsResponse.State;
import vmm.wire.supervisor.Event;
import vmm.wire.supervisor.EventData;
import vmm.wire.supervisor.ExecRequest;
import vmm.wire.supervisor.ExecResponse;
import vmm.wire.supervisor.StartResponse;

/**
 * The domains. Every method but the constructor runs on the core's thread; none waits for the end
 * of a process, what does is a future.
 */
final class Supervisor {
    static final int DOMAINS_MAX = 4096;
    static final int PROCESSES_MAX = 256;

    private static final Logger LOG = LogManager.getLogger(Supervisor.class);

    /** What a call waits for before it is answered. */
    record Pending(CompletableFuture<Outcome> outcome, String late) {
        static Pending of(Outcome outcome) {
            return new Pending(CompletableFuture.completedFuture(outcome), "");
        }
    }

    private final Map<String, Domain> domains = new LinkedHashMap<>();
    private final Host host;
    private final Events events;
    private final Clock clock;
    private final String bootId;
    private final Consumer<Runnable> core;

    /**
     * @param core runs something on the core's thread
     */
    Supervisor(Host host, Events events, Clock clock, String bootId, Consumer<Runnable> core) {
        this.host = host;
        this.events = events;
        this.clock = clock;
        this.bootId = bootId;
        this.core = core;
    }

    Outcome configure(ConfigureRequest request) {
        Optional<String> cannot = cannot(request);
        if (request.domain().isEmpty()) {
            return Outcome.refused(SERDE, "a domain needs a name");
        } else if (cannot.isPresent()) {
            return Outcome.refused(FAILURE, "this supervisor has no " + cannot.get());
        }
        Domain domain = domains.get(request.domain());
        if (domain == null) {
            if (domains.size() >= DOMAINS_MAX) {
                return Outcome.refused(FAILURE, "more than " + DOMAINS_MAX + " domains");
            }
            domains.put(request.domain(), new Domain(request));
            return Outcome.DONE;
        }
        if (domain.state == State.STARTED) {
            return Outcome.refused(INVALID_STATE, "the domain is started");
        }
        domain.configuration = request;
        domain.state = State.CONFIGURED;
        return Outcome.DONE;
    }

    /** To store a restriction and not to keep it would be worse than to refuse. */
    private static Optional<String> cannot(ConfigureRequest request) {
        if (!request.mounts().isEmpty()) {
            return Optional.of("mounts");
        } else if (request.capabilities().isPresent()) {
            return Optional.of("capabilities");
        } else if (!request.seccompFilters().isEmpty()) {
            return Optional.of("seccomp filters");
        } else if (request.cgroupProfiles().isPresent()) {
            return Optional.of("cgroup profiles");
        } else if (request.execUser().isPresent()) {
            return Optional.of("exec user");
        }
        return request.startHooks().isEmpty() ? Optional.empty() : Optional.of("start hooks");
    }

    Outcome start(String name) {
        Domain domain = domains.get(name);
        if (domain == null) {
            return unknownDomain(name);
        } else if (domain.state == State.STARTED) {
            return Outcome.refused(INVALID_STATE, "the domain is started already");
        }
        long uid = domain.configuration.owner().map(ConfigureRequest.Owner::uid).orElse(0L);
        long gid = domain.configuration.owner().map(ConfigureRequest.Owner::gid).orElse(0L);
        for (ConfigureRequest.Network network : domain.configuration.networks()) {
            try {
                domain.taps.put(network.device(), host.makeTap(network.bridge(), uid, gid));
            } catch (IOException e) {
                removeTaps(domain);
                return Outcome.refused(
                        FAILURE, "no tap for " + network.device() + ": " + e.getMessage());
            }
        }
        domain.state = State.STARTED;
        domain.cycleStart = 0;
        return Outcome.done(new StartResponse(domain.taps).json());
    }

    private void removeTaps(Domain domain) {
        for (String tap : domain.taps.values()) {
            try {
                host.removeTap(tap);
            } catch (IOException e) {
                LOG.error("tap {} stays: {}", tap, e.getMessage());
            }
        }
        domain.taps.clear();
    }

    Outcome exec(ExecRequest request) {
        Domain domain = domains.get(request.domain());
        if (domain == null) {
            return unknownDomain(request.domain());
        } else if (domain.state != State.STARTED) {
            return Outcome.refused(
                    INVALID_STATE, "tried to exec a process in a domain which is not booted");
        }
        Domain.Running old = domain.processes.get(request.name());
        if (old != null && old.lives()) {
            return Outcome.refused(INVALID_STATE, "process " + request.name() + " is running");
        } else if (old == null && domain.processes.size() >= PROCESSES_MAX) {
            return Outcome.refused(FAILURE, "more than " + PROCESSES_MAX + " processes");
        }
        int held = -1;
        try {
            if (request.output().isPresent()) {
                held = host.hold(request.output().get());
            }
            int pid = host.spawn(child(request));
            Domain.Running process = new Domain.Running(request.name(), pid, clock.millis(), held);
            held = -1;
            domain.processes.put(request.name(), process);
            if (domain.cycleStart == 0) {
                domain.cycleStart = System.nanoTime();
            }
            host.watch(pid, true, how -> core.accept(() -> ended(domain, process, how)));
            return Outcome.done(new ExecResponse(pid, process.startMillis).json());
        } catch (IOException e) {
            return Outcome.refused(FAILURE, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Outcome.refused(FAILURE, "the supervisor is stopping");
        } finally {
            release(held);
        }
    }

    private static Spawner.Child child(ExecRequest request) {
        return new Spawner.Child(
                request.path(),
                request.args(),
                request.env().orElseGet(System::getenv),
                request.cwd().filter(c -> !c.isEmpty()),
                request.output(),
                request.cpus());
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
                            EventData.signaled(domain.name, process.name, signal);
                    case Reaper.Unknown() -> EventData.ended(domain.name, process.name);
                };
        process.ended = data;
        release(process.held);
        process.held = -1;
        events.put(domain.name, new Event(clock.millis(), data));
        process.end.complete(data);
    }

    Outcome terminate(String domainName, String name) {
        Domain.Running process = find(domainName, name);
        if (process == null) {
            return unknownProcess();
        }
        if (process.lives()) {
            host.signal(process.pid, Libc.SIGTERM);
        }
        return Outcome.DONE;
    }

    /**
     * @param past true if the caller's deadline is over already
     */
    Pending kill(String domainName, String name, boolean past) {
        Domain.Running process = find(domainName, name);
        if (process == null) {
            return Pending.of(unknownProcess());
        } else if (!process.lives()) {
            return Pending.of(Outcome.DONE);
        } else if (past) {
            return Pending.of(Outcome.refused(FAILURE, "invalid timeout while killing " + name));
        }
        host.signal(process.pid, Libc.SIGKILL);
        return new Pending(
                process.end.thenApply(_ -> Outcome.DONE),
                "timed out while trying to SIGKILL " + name);
    }

    Pending stop(String name) {
        Domain domain = domains.get(name);
        if (domain == null) {
            return Pending.of(unknownDomain(name));
        } else if (domain.state != State.STARTED) {
            return Pending.of(Outcome.done(CycleResponse.ZERO.json()));
        }
        var ends = new ArrayList<CompletableFuture<EventData>>();
        for (Domain.Running process : domain.processes.values()) {
            if (process.lives()) {
                host.signal(process.pid, Libc.SIGKILL);
                ends.add(process.end);
            }
        }
        return new Pending(
                CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new))
                        .thenApply(_ -> stopped(domain)),
                "shutdown failed: timed out while stopping " + name);
    }

    private Outcome stopped(Domain domain) {
        if (domain.state != State.STARTED) {
            return Outcome.done(CycleResponse.ZERO.json());
        }
        removeTaps(domain);
        domain.processes.clear();
        domain.state = State.STOPPED;
        long run = domain.cycleStart == 0 ? 0 : System.nanoTime() - domain.cycleStart;
        return Outcome.done(new CycleResponse(0, run, 0, 0, 0, Optional.empty(), 0).json());
    }

    Outcome remove(String name) {
        Domain domain = domains.get(name);
        if (domain == null) {
            return unknownDomain(name);
        } else if (domain.state == State.STARTED) {
            return Outcome.refused(INVALID_STATE, "the domain is started");
        }
        domains.remove(name);
        events.forget(name);
        return Outcome.DONE;
    }

    DomainsResponse describe() {
        return new DomainsResponse(
                bootId, domains.values().stream().map(Domain::describe).toList());
    }

    boolean knows(String domain) {
        return domains.containsKey(domain);
    }

    List<String> names() {
        return List.copyOf(domains.keySet());
    }

    private Domain.@org.jspecify.annotations.Nullable Running find(String domain, String name) {
        Domain found = domains.get(domain);
        return found == null ? null : found.processes.get(name);
    }

    private static Outcome unknownDomain(String name) {
        return Outcome.refused(NO_SUCH_ENTITY, "Unknown domain " + name);
    }

    private static Outcome unknownProcess() {
        return Outcome.refused(NO_SUCH_ENTITY, "Unknown process");
    }
}
