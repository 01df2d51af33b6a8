package vmm.supervisor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.wire.supervisor.DomainRecord;
import vmm.wire.supervisor.DomainsResponse.State;

/** What a predecessor left in this boot. A process is the same if its pid and start time are. */
record Adoption(Host host, List<DomainRecord> records) {
    private static final Logger LOG = LogManager.getLogger(Adoption.class);

    Adoption {
        records = List.copyOf(records);
    }

    List<Domain> domains(Processes processes) {
        var domains = new ArrayList<Domain>();
        for (DomainRecord record : records) {
            Domain domain = new Domain(record.configuration());
            domain.state = record.state();
            boolean up = domain.isUp();
            Optional<DomainRecord.Process> survivor =
                    record.processes().stream().filter(this::isThere).findFirst();
            if (up) {
                domain.ground =
                        host.adopt(
                                record.configuration(),
                                record.taps(),
                                record.cgroup(),
                                survivor.map(DomainRecord.Process::pid).orElse(0));
                domain.oomKillsTold = 0;
                domain.cycleBegin = usage(domain.ground);
            }
            for (DomainRecord.Process p : record.processes()) {
                var process =
                        new Domain.Running(
                                p.name(), p.pid(), p.startTicks(), p.startMillis(), p.output(), -1);
                process.ended = p.ended().orElse(null);
                process.told = p.told();
                processes.adopt(domain, process, isThere(p));
            }
            LOG.info(
                    "took over {} ({}) with {} processes",
                    domain.name,
                    domain.state.name().toLowerCase(java.util.Locale.ROOT),
                    domain.living().size());
            if (domain.state == State.FROZEN && domain.living().isEmpty()) {
                LOG.warn("{} is frozen and empty", domain.name);
            }
            domains.add(domain);
        }
        return domains;
    }

    boolean thawsOnTraffic(String domain) {
        return records.stream()
                .anyMatch(r -> r.thawOnTraffic() && r.configuration().domain().equals(domain));
    }

    private boolean isThere(DomainRecord.Process process) {
        return process.ended().isEmpty()
                && process.startTicks() != 0
                && host.startTicks(process.pid()) == process.startTicks();
    }

    private @org.jspecify.annotations.Nullable Usage usage(Ground ground) {
        try {
            return host.usage(ground);
        } catch (IOException e) {
            LOG.warn("the cycle begins without counters: {}", e.getMessage());
            return null;
        }
    }
}
