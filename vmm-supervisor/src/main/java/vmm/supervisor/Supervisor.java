package vmm.supervisor;

import static vmm.wire.supervisor.SupervisorError.Kind.FAILURE;
import static vmm.wire.supervisor.SupervisorError.Kind.INVALID_STATE;
import static vmm.wire.supervisor.SupervisorError.Kind.NO_SUCH_ENTITY;
import static vmm.wire.supervisor.SupervisorError.Kind.SERDE;

import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import vmm.os.Libc;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.ConfigureRequest.CgroupProfile;
import vmm.wire.supervisor.ConfigureRequest.CgroupProfiles;
import vmm.wire.supervisor.CycleResponse;
import vmm.wire.supervisor.DomainsResponse;
import vmm.wire.supervisor.DomainsResponse.State;
import vmm.wire.supervisor.ExecRequest;
import vmm.wire.supervisor.LimitsRequest;
import vmm.wire.supervisor.StartResponse;

/**
 * The domains and what may be asked of them in which state. Every method runs on the core's thread
 * and none waits: what waits is a {@link Work}, and the calls of one domain follow each other.
 */
final class Supervisor {
    static final int DOMAINS_MAX = 4096;

    /** What a call waits for before it is answered. */
    record Pending(CompletableFuture<Outcome> outcome, String late) {
        static Pending of(Outcome outcome) {
            return new Pending(CompletableFuture.completedFuture(outcome), "");
        }
    }

    private final Map<String, Domain> domains = new LinkedHashMap<>();
    private final Work work;
    private final Processes processes;
    private final Events events;
    private final Keeper keeper;
    private final Host host;
    private final String bootId;

    Supervisor(Host host, Events events, Clock clock, String bootId, Work work, Keeper keeper) {
        this.host = host;
        this.work = work;
        this.events = events;
        this.keeper = keeper;
        this.bootId = bootId;
        processes = new Processes(host, events, clock, work, this::keep);
    }

    /** Takes over what a predecessor left, once, before anything is asked. */
    void adopt(Adoption adoption) {
        for (Domain domain : adoption.domains(processes)) {
            domains.put(domain.name, domain);
            keep(domain);
        }
    }

    private void keep(Domain domain) {
        if (domains.get(domain.name) == domain) {
            keeper.keep(domain.name, domain.record(bootId));
        }
    }

    /** Runs a call when those before it on this domain are done. */
    private Pending next(String name, String late, Call call) {
        var answer = new CompletableFuture<Outcome>();
        Domain domain = domains.get(name);
        if (domain == null) {
            return Pending.of(unknownDomain(name));
        } else if (domain.busy) {
            domain.waiting.add(() -> begin(domain, call, answer));
        } else {
            begin(domain, call, answer);
        }
        return new Pending(answer, late);
    }

    /** What is done with a domain that no other call is busy with. */
    private interface Call {
        CompletableFuture<Outcome> on(Domain domain);
    }

    private void begin(Domain domain, Call call, CompletableFuture<Outcome> answer) {
        if (domains.get(domain.name) != domain) {
            answer.complete(unknownDomain(domain.name));
            goOn(domain);
            return;
        }
        domain.busy = true;
        CompletableFuture<Outcome> _ =
                call.on(domain)
                        .thenApply(
                                outcome -> {
                                    domain.busy = false;
                                    if (outcome instanceof Outcome.Done) {
                                        keep(domain);
                                    }
                                    answer.complete(outcome);
                                    goOn(domain);
                                    return outcome;
                                });
    }

    private static void goOn(Domain domain) {
        Runnable waiting = domain.busy ? null : domain.waiting.poll();
        if (waiting != null) {
            waiting.run();
        }
    }

    private static CompletableFuture<Outcome> now(Outcome outcome) {
        return CompletableFuture.completedFuture(outcome);
    }

    Pending configure(ConfigureRequest request) {
        Optional<String> problem = Plan.problem(request);
        if (request.domain().isEmpty()) {
            return Pending.of(Outcome.refused(SERDE, "a domain needs a name"));
        } else if (problem.isPresent()) {
            return Pending.of(Outcome.refused(SERDE, problem.get()));
        }
        if (!domains.containsKey(request.domain())) {
            if (domains.size() >= DOMAINS_MAX) {
                return Pending.of(
                        Outcome.refused(FAILURE, "more than " + DOMAINS_MAX + " domains"));
            }
            domains.put(request.domain(), new Domain(request));
        }
        return next(
                request.domain(),
                "",
                domain -> {
                    if (domain.isUp()) {
                        return now(Outcome.refused(INVALID_STATE, "the domain is started"));
                    }
                    domain.configuration = request;
                    domain.state = State.CONFIGURED;
                    return now(Outcome.DONE);
                });
    }

    /**
     * @param profile of the first generation; empty takes the configuration's
     */
    Pending start(String name, String profile) {
        return next(
                name,
                "",
                domain -> {
                    if (domain.isUp()) {
                        return now(Outcome.refused(INVALID_STATE, "the domain is started already"));
                    }
                    ConfigureRequest request = domain.configuration;
                    CgroupProfile limits =
                            Plan.profile(
                                    request, profile.isEmpty() ? request.startProfile() : profile);
                    return work.on(() -> host.make(request, limits), g -> started(domain, g));
                });
    }

    private static Outcome started(Domain domain, Ground ground) {
        domain.ground = ground;
        domain.state = State.STARTED;
        domain.cycleBegin = null;
        domain.oomKillsTold = 0;
        return Outcome.done(new StartResponse(ground.taps()).json());
    }

    Pending exec(ExecRequest request) {
        return next(
                request.domain(),
                "",
                domain -> {
                    Optional<Outcome> refusal = processes.refusal(domain, request.name());
                    return refusal.isPresent()
                            ? now(refusal.get())
                            : processes.start(domain, request);
                });
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
     * Does not wait for other calls of the domain: whoever kills wants it now.
     *
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
        processes.kill(domains.get(domainName), process);
        return new Pending(
                process.end.thenApply(_ -> Outcome.DONE),
                "timed out while trying to SIGKILL " + name);
    }

    /** Stops every process of the domain where it stands, and ends the cycle. */
    Pending freeze(String name) {
        return next(
                name,
                "",
                domain -> {
                    if (domain.state != State.STARTED) {
                        return now(Outcome.refused(INVALID_STATE, "the domain is not running"));
                    }
                    Ground ground = domain.standing();
                    return work.on(
                            () -> {
                                host.freeze(ground);
                                return host.usage(ground);
                            },
                            usage -> {
                                domain.state = State.FROZEN;
                                processes.letDie(domain);
                                return Outcome.done(cycle(domain, usage).json());
                            });
                });
    }

    private static CycleResponse cycle(Domain domain, Usage usage) {
        Usage begin = domain.cycleBegin;
        domain.cycleBegin = null;
        return begin == null ? CycleResponse.ZERO : usage.since(begin);
    }

    /**
     * Lets a frozen domain go on and begins a cycle.
     *
     * @param profile empty is throttled
     */
    Pending thaw(String name, String profile) {
        return next(
                name,
                "",
                domain -> {
                    if (domain.state != State.FROZEN) {
                        return now(Outcome.refused(INVALID_STATE, "the domain is not frozen"));
                    }
                    Ground ground = domain.standing();
                    boolean limited = domain.configuration.cgroupProfiles().isPresent();
                    CgroupProfile limits = Plan.profile(domain.configuration, profile);
                    return work.on(
                            () -> {
                                if (limited) {
                                    host.limit(ground, limits);
                                }
                                Usage usage = host.usage(ground);
                                host.thaw(ground);
                                return usage;
                            },
                            usage -> {
                                domain.state = State.STARTED;
                                domain.cycleBegin = usage;
                                return Outcome.DONE;
                            });
                });
    }

    /** New ceilings, now and for later starts; refused as a whole where they cannot be kept. */
    Pending limit(LimitsRequest request) {
        var limits = new CgroupProfile(request.cpuLimit(), request.memoryLimitBytes());
        Optional<String> problem = Plan.problem(limits);
        if (problem.isPresent()) {
            return Pending.of(Outcome.refused(SERDE, problem.get()));
        }
        return next(
                request.domain(),
                "",
                domain ->
                        work.on(
                                () -> {
                                    if (domain.isUp()) {
                                        host.limit(domain.standing(), limits);
                                    }
                                    return limits;
                                },
                                set -> {
                                    domain.configuration =
                                            domain.configuration.withProfiles(
                                                    new CgroupProfiles(set, set));
                                    return Outcome.DONE;
                                }));
    }

    Pending stop(String name) {
        return next(
                name,
                "shutdown failed: timed out while stopping " + name,
                domain -> {
                    if (!domain.isUp()) {
                        return now(Outcome.done(CycleResponse.ZERO.json()));
                    }
                    Ground ground = domain.standing();
                    return processes
                            .killAll(domain)
                            .thenCompose(
                                    failed ->
                                            failed instanceof Outcome.Refused
                                                    ? now(failed)
                                                    : work.on(
                                                            () -> end(domain, ground),
                                                            usage -> stopped(domain, usage)));
                });
    }

    private Usage end(Domain domain, Ground ground) throws java.io.IOException {
        Usage usage = host.usage(ground);
        host.unmake(domain.configuration, ground);
        return usage;
    }

    private static Outcome stopped(Domain domain, Usage usage) {
        domain.processes.clear();
        domain.state = State.STOPPED;
        domain.ground = null;
        return Outcome.done(cycle(domain, usage).json());
    }

    Pending remove(String name) {
        return next(
                name,
                "",
                domain -> {
                    if (domain.isUp()) {
                        return now(Outcome.refused(INVALID_STATE, "the domain is started"));
                    }
                    domains.remove(name);
                    events.forget(name);
                    keeper.forget(name);
                    return now(Outcome.DONE);
                });
    }

    /** The event has been read. */
    void told(Events.Taken taken) {
        Domain domain = domains.get(taken.domain());
        if (domain != null && processes.told(domain, taken.event())) {
            keep(domain);
        }
    }

    DomainsResponse describe() {
        return new DomainsResponse(
                bootId, domains.values().stream().map(Domain::describe).toList());
    }

    List<String> names() {
        return List.copyOf(domains.keySet());
    }

    Events events() {
        return events;
    }

    private Domain.@Nullable Running find(String domain, String name) {
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
