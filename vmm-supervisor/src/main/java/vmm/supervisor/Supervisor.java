package vmm.supervisor;

import static vmm.supervisor.Turns.now;
import static vmm.wire.supervisor.SupervisorError.Kind.FAILURE;
import static vmm.wire.supervisor.SupervisorError.Kind.INVALID_STATE;
import static vmm.wire.supervisor.SupervisorError.Kind.NO_SUCH_ENTITY;
import static vmm.wire.supervisor.SupervisorError.Kind.SERDE;

import java.io.IOException;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;
import vmm.os.Libc;
import vmm.supervisor.Turns.Pending;
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
 * The domains and what may be asked of them in which state. Who calls a method has the baton, and
 * no method waits: what waits is a {@link Work}, and the calls of one domain follow each other.
 */
final class Supervisor {
    static final int DOMAINS_MAX = 4096;

    private static final Logger LOG = LogManager.getLogger(Supervisor.class);

    private final Map<String, Domain> domains = new LinkedHashMap<>();
    private final Work work;
    private final Turns turns = new Turns(this::find, this::keep);

    /** For calls that change processes only, which are kept one by one. */
    private final Turns processTurns = new Turns(this::find, _ -> {});

    private final Processes processes;
    private final Freezer freezer;
    private final Events events;
    private final Logs logs;
    private final Keeper keeper;
    private final Host host;
    private final String bootId;

    Supervisor(
            Host host,
            Events events,
            Logs logs,
            Clock clock,
            String bootId,
            Work work,
            Keeper keeper) {
        this.host = host;
        this.work = work;
        this.events = events;
        this.logs = logs;
        this.keeper = keeper;
        this.bootId = bootId;
        processes = new Processes(host, events, logs, clock, work, this::keep);
        freezer = new Freezer(host, work, turns, processes, events, clock);
    }

    /** Takes over what a predecessor left, once, before anything is asked. */
    void adopt(Adoption adoption) {
        for (Domain domain : adoption.domains(processes)) {
            domains.put(domain.name, domain);
            if (domain.state == State.FROZEN && adoption.thawsOnTraffic(domain.name)) {
                freezer.adopt(domain);
            }
            keep(domain);
        }
    }

    private void keep(Domain domain) {
        if (domains.get(domain.name) == domain) {
            keeper.keep(domain.name, domain.record(bootId));
        }
    }

    private void keep(Domain domain, Domain.Running process) {
        if (domains.get(domain.name) == domain && !keeper.keep(domain.name, process.record())) {
            keep(domain);
        }
    }

    private Optional<Domain> find(String name) {
        return Optional.ofNullable(domains.get(name));
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
        return turns.next(
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
        Optional<String> problem = Plan.problemOfProfile(profile);
        if (problem.isPresent()) {
            return Pending.of(Outcome.refused(SERDE, problem.get()));
        }
        return turns.next(
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

    /**
     * @param caller does what may wait
     */
    Pending exec(ExecRequest request, Consumer<Runnable> caller) {
        if (request.path().isEmpty()) {
            return Pending.of(Outcome.refused(SERDE, "a process needs a path to its program"));
        }
        return processTurns.next(
                request.domain(),
                "",
                domain -> {
                    Optional<Outcome> refusal = processes.refusal(domain, request.name());
                    return refusal.isPresent()
                            ? now(refusal.get())
                            : processes.start(domain, request, work.by(caller));
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

    /** See {@link Freezer}. */
    Freezer freezer() {
        return freezer;
    }

    /** New ceilings, now and for later starts; refused as a whole where they cannot be kept. */
    Pending limit(LimitsRequest request) {
        CgroupProfile limits = request.limits();
        Optional<String> problem = Plan.problem(limits);
        if (problem.isPresent()) {
            return Pending.of(Outcome.refused(SERDE, problem.get()));
        }
        return turns.next(
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
        return turns.next(
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

    /** Missing counters hinder nobody from ending. */
    private Usage end(Domain domain, Ground ground) throws IOException {
        Usage usage;
        try {
            usage = host.usage(ground);
        } catch (IOException e) {
            LOG.warn("the last cycle of {} has no counters: {}", domain.name, e.getMessage());
            usage = Usage.NONE;
        }
        host.unmake(domain.configuration, ground);
        return usage;
    }

    private static Outcome stopped(Domain domain, Usage usage) {
        domain.processes.clear();
        domain.state = State.STOPPED;
        domain.ground = null;
        domain.forgetTraffic();
        return Outcome.done(domain.endCycle(usage).json());
    }

    Pending remove(String name) {
        return turns.next(
                name,
                "",
                domain -> {
                    if (domain.isUp()) {
                        return now(Outcome.refused(INVALID_STATE, "the domain is started"));
                    }
                    domains.remove(name);
                    events.forget(name);
                    logs.forget(name);
                    keeper.forget(name);
                    return now(Outcome.DONE);
                });
    }

    /** The event has been read. */
    void told(Events.Taken taken) {
        Domain domain = domains.get(taken.domain());
        if (domain != null) {
            processes.told(domain, taken.event());
        }
    }

    DomainsResponse describe() {
        return new DomainsResponse(
                bootId, domains.values().stream().map(Domain::describe).toList());
    }

    /** The start ticks of all processes that live, by their pids. */
    Map<Long, Long> living() {
        var living = new HashMap<Long, Long>();
        for (Domain domain : domains.values()) {
            for (Domain.Running process : domain.living()) {
                living.put((long) process.pid, process.startTicks);
            }
        }
        return living;
    }

    List<String> names() {
        return List.copyOf(domains.keySet());
    }

    Events events() {
        return events;
    }

    Logs logs() {
        return logs;
    }

    private Domain.@Nullable Running find(String domain, String name) {
        Domain found = domains.get(domain);
        return found == null ? null : found.processes.get(name);
    }

    private static Outcome unknownProcess() {
        return Outcome.refused(NO_SUCH_ENTITY, "Unknown process");
    }
}
