package vmm.supervisor;

import static vmm.supervisor.Turns.now;

import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.supervisor.Turns.Pending;
import vmm.wire.supervisor.ConfigureRequest.CgroupProfile;
import vmm.wire.supervisor.DomainsResponse.State;
import vmm.wire.supervisor.Event;
import vmm.wire.supervisor.EventData;
import vmm.wire.supervisor.SupervisorError.Kind;

/** Stops domains where they stand and lets them go on. With the baton. */
record Freezer(Host host, Work work, Turns turns, Processes processes, Events events, Clock clock) {
    private static final Logger LOG = LogManager.getLogger(Freezer.class);

    /** A domain that stands, and who wakes it. */
    private record Frozen(Usage usage, Optional<Host.Watch> traffic) {}

    /**
     * Stops every process and ends the cycle.
     *
     * @param thawOnTraffic true to thaw by itself when a frame comes for the domain
     */
    Pending freeze(String name, boolean thawOnTraffic) {
        return turns.next(
                name,
                "",
                domain -> {
                    if (domain.state != State.STARTED) {
                        return now(
                                Outcome.refused(Kind.INVALID_STATE, "the domain is not running"));
                    }
                    Ground ground = domain.standing();
                    return work.on(
                            () -> stop(domain, ground, thawOnTraffic),
                            frozen -> {
                                domain.state = State.FROZEN;
                                domain.traffic = frozen.traffic().orElse(null);
                                processes.letDie(domain);
                                return Outcome.done(domain.endCycle(frozen.usage()).json());
                            });
                });
    }

    private Frozen stop(Domain domain, Ground ground, boolean thawOnTraffic) throws IOException {
        // Before it stands, so that no frame comes unseen between.
        Optional<Host.Watch> traffic =
                thawOnTraffic ? Optional.of(watch(domain, ground)) : Optional.empty();
        boolean ok = false;
        try {
            host.freeze(ground);
            Usage usage = usageOrThaw(ground);
            ok = true;
            return new Frozen(usage, traffic);
        } finally {
            if (!ok) {
                traffic.ifPresent(Host.Watch::close);
            }
        }
    }

    private Usage usageOrThaw(Ground ground) throws IOException {
        try {
            return host.usage(ground);
        } catch (IOException e) {
            host.thaw(ground);
            throw e;
        }
    }

    private Host.Watch watch(Domain domain, Ground ground) throws IOException {
        var told = new AtomicBoolean();
        return host.watchTraffic(
                ground,
                () -> {
                    if (told.compareAndSet(false, true)) {
                        work.core().accept(() -> wake(domain, told));
                    }
                });
    }

    private void wake(Domain asked, AtomicBoolean told) {
        Pending _ =
                turns.next(
                        asked.name,
                        "",
                        domain -> {
                            if (domain != asked || domain.traffic == null) {
                                return now(Outcome.DONE);
                            }
                            return goOn(domain, "")
                                    .thenApply(outcome -> woken(domain, outcome, told));
                        });
    }

    private Outcome woken(Domain domain, Outcome outcome, AtomicBoolean told) {
        if (outcome instanceof Outcome.Refused(var error)) {
            LOG.error("{} is not woken: {}", domain.name, error.message());
            told.set(false);
        } else {
            events.put(
                    domain.name, new Event(clock.millis(), EventData.thawedByTraffic(domain.name)));
        }
        return outcome;
    }

    /**
     * Lets a frozen domain go on and begins a cycle.
     *
     * @param profile empty is throttled
     */
    Pending thaw(String name, String profile) {
        Optional<String> problem = Plan.problemOfProfile(profile);
        if (problem.isPresent()) {
            return Pending.of(Outcome.refused(Kind.SERDE, problem.get()));
        }
        return turns.next(
                name,
                "",
                domain ->
                        domain.state == State.FROZEN
                                ? goOn(domain, profile)
                                : now(
                                        Outcome.refused(
                                                Kind.INVALID_STATE, "the domain is not frozen")));
    }

    private CompletableFuture<Outcome> goOn(Domain domain, String profile) {
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
                    domain.forgetTraffic();
                    return Outcome.DONE;
                });
    }

    /** Waits again for what a predecessor waited for. */
    void adopt(Domain domain) {
        try {
            domain.traffic = watch(domain, domain.standing());
        } catch (IOException e) {
            LOG.error("{} will not be woken by traffic: {}", domain.name, e.getMessage());
        }
    }
}
