package vmm.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import vmm.os.Reaper;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.DomainRecord;
import vmm.wire.supervisor.DomainsResponse;
import vmm.wire.supervisor.DomainsResponse.State;
import vmm.wire.supervisor.ExecRequest;
import vmm.wire.supervisor.LimitsRequest;

/** Calls that come while others are under way, their work done in any order. */
class OverlapTest {
    private static final int ROUNDS = 400;
    private static final int CALLS = 30;
    private static final List<String> DOMAINS = List.of("a", "b");
    private static final List<String> NAMES = List.of("p", "q");

    private final long seed = Long.getLong("seed", new Random().nextLong());
    private final Random random = new Random(seed);
    private final List<Runnable> jobs = new ArrayList<>();
    private final FakeHost host = new FakeHost(() -> random.nextInt(20) == 0);
    private final Clock clock = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
    private final Set<String> kept = new HashSet<>();
    private final Supervisor supervisor =
            new Supervisor(
                    host,
                    new Events(clock),
                    new Logs(clock),
                    clock,
                    "boot",
                    new Work(jobs::add, Runnable::run),
                    new Keeper() {
                        @Override
                        public void keep(String domain, DomainRecord record) {
                            kept.add(domain);
                        }

                        @Override
                        public boolean keep(String domain, DomainRecord.Process process) {
                            return kept.contains(domain);
                        }

                        @Override
                        public void forget(String domain) {
                            kept.remove(domain);
                        }
                    });

    private Turns.Pending call() {
        String domain = DOMAINS.get(random.nextInt(DOMAINS.size()));
        String name = NAMES.get(random.nextInt(NAMES.size()));
        return switch (random.nextInt(10)) {
            case 0 ->
                    supervisor.configure(ConfigureRequest.of(domain, List.of(), Optional.empty()));
            case 1, 2 -> supervisor.start(domain, "");
            case 3, 4 ->
                    supervisor.exec(
                            ExecRequest.of(
                                    domain, name, "/x", List.of(), Optional.of("fifo"), List.of()),
                            jobs::add);
            case 5 -> supervisor.freezer().freeze(domain, random.nextBoolean());
            case 6 -> supervisor.freezer().thaw(domain, "");
            case 7 -> supervisor.kill(domain, name, false);
            case 8 ->
                    random.nextBoolean()
                            ? supervisor.stop(domain)
                            : supervisor.limit(new LimitsRequest(domain, 0.5, 0));
            default -> supervisor.remove(domain);
        };
    }

    private void runOne() {
        jobs.remove(random.nextInt(jobs.size())).run();
    }

    @Test
    void calls_areAllAnswered_andAgreeWithTheKernel() {
        for (int round = 0; round < ROUNDS; round++) {
            try {
                var pending = new ArrayList<Turns.Pending>();
                for (int i = 0; i < CALLS; i++) {
                    pending.add(call());
                    while (!jobs.isEmpty() && random.nextBoolean()) {
                        runOne();
                    }
                    if (random.nextInt(5) == 0) {
                        endSomething();
                    }
                }
                while (!jobs.isEmpty()) {
                    runOne();
                }
                pending.forEach(p -> assertThat(p.outcome()).isDone());
                agree();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("round " + round + " of -Dseed=" + seed, e);
            }
        }
    }

    private List<DomainsResponse.Process> alive() {
        return supervisor.describe().domains().stream()
                .flatMap(d -> d.processes().stream())
                .filter(p -> p.ended().isEmpty())
                .toList();
    }

    private void endSomething() {
        List<DomainsResponse.Process> alive = alive();
        if (!alive.isEmpty()) {
            host.end((int) alive.getFirst().pid(), new Reaper.Exited(1));
        }
    }

    private void agree() {
        List<DomainsResponse.Domain> domains = supervisor.describe().domains();
        assertThat(host.domains())
                .isEqualTo(
                        (int)
                                domains.stream()
                                        .filter(
                                                d ->
                                                        d.state() == State.STARTED
                                                                || d.state() == State.FROZEN)
                                        .count());
        assertThat(host.processes()).isEqualTo(alive().size());
        assertThat(host.held).isEqualTo(alive().size());
        assertThat(kept)
                .containsExactlyInAnyOrderElementsOf(
                        domains.stream().map(DomainsResponse.Domain::domain).toList());
    }
}
