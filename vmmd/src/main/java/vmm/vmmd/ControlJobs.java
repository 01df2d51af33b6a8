package vmm.vmmd;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.core.Name;
import vmm.vmmd.core.Input;
import vmm.vmmd.core.Job;
import vmm.vmmd.core.Unikernel;
import vmm.vmmd.core.Unikernel.Limits;
import vmm.vmmd.host.Launcher;
import vmm.vmmd.host.SupervisorLink;
import vmm.wire.supervisor.CycleResponse;
import vmm.wire.supervisor.DomainsResponse;

/** Freezes, thaws and limits what runs. Any thread. */
final class ControlJobs {
    private static final Logger LOG = LogManager.getLogger(ControlJobs.class);
    private static final double NANOS = 1e9;

    private final Shell shell;
    private final Launcher launcher;
    private final SupervisorLink supervisor;

    ControlJobs(Shell shell, Launcher launcher, SupervisorLink supervisor) {
        this.shell = shell;
        this.launcher = launcher;
        this.supervisor = supervisor;
    }

    void run(Job.Control job) {
        Optional<String> problem = Optional.empty();
        String note = "";
        try {
            switch (job.wish()) {
                case Input.Wish.Pause(var untilTraffic) ->
                        note = used(supervisor.freeze(job.name(), untilTraffic));
                case Input.Wish.Resume() -> supervisor.thaw(job.name());
                case Input.Wish.Limit(var limits) -> limit(job.name(), limits);
            }
        } catch (IOException e) {
            problem = Optional.of(Shell.why(e));
        }
        shell.submit(new Input.ControlDone(job, problem, note));
        if (problem.isEmpty() && job.wish() instanceof Input.Wish.Pause(var wakes) && wakes) {
            lookWhetherItWoke(job.name());
        }
    }

    private void limit(Name name, Limits limits) throws IOException {
        Optional<Unikernel> u = shell.state().unikernel(name);
        if (u.isEmpty()) {
            throw new IOException(name + " ended meanwhile");
        }
        launcher.limit(name, u.get().spec().withLimits(limits));
    }

    private static String used(CycleResponse cycle) {
        return String.format(
                Locale.ROOT,
                "awake for %.1f s, %.2f s of CPU",
                cycle.domainRunNs() / NANOS,
                cycle.domainCpuRunNs() / NANOS);
    }

    /** Traffic may have come, and its event, before the core knew that it was paused. */
    private void lookWhetherItWoke(Name name) {
        try {
            boolean awake =
                    supervisor.domains().stream()
                            .filter(d -> d.domain().equals(name.toString()))
                            .anyMatch(d -> d.state() == DomainsResponse.State.STARTED);
            if (awake) {
                shell.submit(new Input.Woken(name));
            }
        } catch (IOException e) {
            LOG.warn("cannot see whether {} is still paused: {}", name, e.getMessage());
        }
    }
}
