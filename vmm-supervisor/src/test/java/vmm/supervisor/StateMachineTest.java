package vmm.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import vmm.os.Reaper;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.DomainRecord;
import vmm.wire.supervisor.DomainsResponse.State;
import vmm.wire.supervisor.EventData;
import vmm.wire.supervisor.ExecRequest;
import vmm.wire.supervisor.ExecResponse;
import vmm.wire.supervisor.LimitsRequest;
import vmm.wire.supervisor.SupervisorError.Kind;

/** The states, with random calls against a model that is written anew. */
class StateMachineTest {
    private static final int STEPS = 20_000;
    private static final List<String> DOMAINS = List.of("a", "b", "a:b");
    private static final List<String> NAMES = List.of("p", "q", "r");

    /** What the contract says a domain is. */
    private static final class Model {
        State state = State.CONFIGURED;
        final Map<String, Integer> alive = new LinkedHashMap<>();
        final Map<String, Integer> ended = new LinkedHashMap<>();
        final Map<String, Integer> terminating = new LinkedHashMap<>();

        boolean isUp() {
            return state == State.STARTED || state == State.FROZEN;
        }
    }

    private final long seed = Long.getLong("seed", new Random().nextLong());
    private final Random random = new Random(seed);
    private boolean failed;
    private int failures;
    private final FakeHost host = new FakeHost(this::fails);
    private final Clock clock = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
    private final Events events = new Events(clock);
    private final Map<String, List<byte[]>> kept = new HashMap<>();
    private final Supervisor supervisor =
            new Supervisor(
                    host,
                    events,
                    new Logs(clock),
                    clock,
                    "boot",
                    new Work(Runnable::run, Runnable::run),
                    keeper());
    private final Map<String, Model> models = new HashMap<>();
    private final Map<String, Deque<EventData>> unread = new HashMap<>();

    private Keeper keeper() {
        return new Keeper() {
            @Override
            public void keep(String domain, DomainRecord record) {
                kept.put(domain, new ArrayList<>(List.of(record.line())));
            }

            @Override
            public boolean keep(String domain, DomainRecord.Process process) {
                List<byte[]> lines = kept.getOrDefault(domain, new ArrayList<>());
                lines.add(process.line());
                return lines.size() > 1;
            }

            @Override
            public void forget(String domain) {
                kept.remove(domain);
            }
        };
    }

    private boolean fails() {
        boolean now = random.nextInt(20) == 0;
        failed |= now;
        failures += now ? 1 : 0;
        return now;
    }

    @Test
    void randomCalls_doWhatTheModelSays() throws Exception {
        for (int i = 0; i < STEPS; i++) {
            try {
                step();
                assertThat(host.domains())
                        .isEqualTo(models.values().stream().filter(Model::isUp).count());
                long alive = models.values().stream().mapToLong(m -> m.alive.size()).sum();
                assertThat(host.processes()).isEqualTo((int) alive);
                assertThat(host.held).isEqualTo((int) alive);
                assertThat(host.watches)
                        .isLessThanOrEqualTo(
                                (int)
                                        models.values().stream()
                                                .filter(m -> m.state == State.FROZEN)
                                                .count());
                assertThat(supervisor.names()).containsExactlyInAnyOrderElementsOf(models.keySet());
                assertThat(kept.keySet()).isEqualTo(models.keySet());
                checkKept();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("step " + i + " of -Dseed=" + seed, e);
            }
        }
        assertThat(failures).as("calls that failed").isPositive();
    }

    /** What a successor would read is what there is. */
    private void checkKept() throws Exception {
        for (String domain : kept.keySet()) {
            var lines = new ByteArrayOutputStream();
            kept.getOrDefault(domain, List.of()).forEach(lines::writeBytes);
            DomainRecord read = DomainRecord.parse(lines.toByteArray());
            Model model = models.getOrDefault(domain, new Model());
            assertThat(read.state()).isEqualTo(model.state);
            var pids = new HashMap<String, Integer>();
            var alive = new HashMap<>(model.alive);
            alive.putAll(model.ended);
            read.processes().forEach(p -> pids.put(p.name(), p.pid()));
            assertThat(pids).isEqualTo(alive);
            assertThat(read.processes().stream().filter(p -> p.ended().isEmpty()).count())
                    .isEqualTo(model.alive.size());
        }
    }

    private void step() throws Exception {
        String domain = DOMAINS.get(random.nextInt(DOMAINS.size()));
        String name = NAMES.get(random.nextInt(NAMES.size()));
        @Nullable Model model = models.get(domain);
        failed = false;
        switch (random.nextInt(13)) {
            case 0 -> configure(domain, model);
            case 1 -> start(domain, model);
            case 2, 3 -> exec(domain, name, model);
            case 4 -> terminate(domain, name, model);
            case 5 -> kill(domain, name, model);
            case 6 -> freeze(domain, model);
            case 7 -> thaw(domain, model);
            case 8 -> stop(domain, model);
            case 9 -> remove(domain, model);
            case 10 -> limit(domain, model);
            case 11 -> end(domain, name, model);
            default -> read(domain);
        }
    }

    private static Outcome now(Turns.Pending pending) {
        assertThat(pending.outcome()).as("nothing is left waiting").isDone();
        return pending.outcome().getNow(Outcome.DONE);
    }

    private static void expect(Outcome outcome, Optional<Kind> kind) {
        Optional<Kind> got =
                outcome instanceof Outcome.Refused(var error)
                        ? Optional.of(error.kind())
                        : Optional.empty();
        assertThat(got).as("%s", outcome).isEqualTo(kind);
    }

    private Optional<Kind> failure() {
        return failed ? Optional.of(Kind.FAILURE) : Optional.empty();
    }

    private void configure(String domain, @Nullable Model model) {
        Outcome got =
                now(supervisor.configure(ConfigureRequest.of(domain, List.of(), Optional.empty())));
        if (model != null && model.isUp()) {
            expect(got, Optional.of(Kind.INVALID_STATE));
        } else {
            expect(got, Optional.empty());
            models.computeIfAbsent(domain, _ -> new Model()).state = State.CONFIGURED;
        }
    }

    private void start(String domain, @Nullable Model model) {
        Outcome got = now(supervisor.start(domain, ""));
        if (model == null) {
            expect(got, Optional.of(Kind.NO_SUCH_ENTITY));
        } else if (model.isUp()) {
            expect(got, Optional.of(Kind.INVALID_STATE));
        } else {
            expect(got, failure());
            model.state = failed ? model.state : State.STARTED;
        }
    }

    private void exec(String domain, String name, @Nullable Model model) throws Exception {
        var request =
                ExecRequest.of(domain, name, "/bin/x", List.of(), Optional.of("fifo"), List.of());
        Outcome got = now(supervisor.exec(request, Runnable::run));
        if (model == null) {
            expect(got, Optional.of(Kind.NO_SUCH_ENTITY));
        } else if (model.state != State.STARTED || model.alive.containsKey(name)) {
            expect(got, Optional.of(Kind.INVALID_STATE));
        } else {
            expect(got, failure());
            if (got instanceof Outcome.Done(var json)) {
                model.ended.remove(name);
                model.alive.put(name, (int) ExecResponse.parse(json.toArray()).pid());
            }
        }
    }

    private static boolean knows(@Nullable Model model, String name) {
        return model != null && (model.alive.containsKey(name) || model.ended.containsKey(name));
    }

    private void terminate(String domain, String name, @Nullable Model model) {
        Outcome got = supervisor.terminate(domain, name);
        if (model == null || !knows(model, name)) {
            expect(got, Optional.of(Kind.NO_SUCH_ENTITY));
            return;
        }
        expect(got, Optional.empty());
        Integer pid = model.alive.get(name);
        if (pid != null && model.state == State.FROZEN) {
            model.terminating.put(name, pid);
        } else if (pid != null) {
            gone(domain, model, name, EventData.signaled(domain, name, 15));
        }
    }

    private void kill(String domain, String name, @Nullable Model model) {
        boolean past = random.nextInt(4) == 0;
        Outcome got = now(supervisor.kill(domain, name, past));
        if (model == null || !knows(model, name)) {
            expect(got, Optional.of(Kind.NO_SUCH_ENTITY));
        } else if (!model.alive.containsKey(name)) {
            expect(got, Optional.empty());
        } else if (past) {
            expect(got, Optional.of(Kind.FAILURE));
        } else {
            expect(got, Optional.empty());
            gone(domain, model, name, EventData.signaled(domain, name, 9));
        }
    }

    private void freeze(String domain, @Nullable Model model) {
        Outcome got = now(supervisor.freezer().freeze(domain, random.nextBoolean()));
        if (model == null) {
            expect(got, Optional.of(Kind.NO_SUCH_ENTITY));
        } else if (model.state != State.STARTED) {
            expect(got, Optional.of(Kind.INVALID_STATE));
        } else {
            expect(got, failure());
            model.state = failed ? State.STARTED : State.FROZEN;
        }
    }

    private void thaw(String domain, @Nullable Model model) {
        Outcome got = now(supervisor.freezer().thaw(domain, ""));
        if (model == null) {
            expect(got, Optional.of(Kind.NO_SUCH_ENTITY));
        } else if (model.state != State.FROZEN) {
            expect(got, Optional.of(Kind.INVALID_STATE));
        } else {
            expect(got, failure());
            if (!failed) {
                model.state = State.STARTED;
                goOn(domain, model);
            }
        }
    }

    /** Signals that waited for the thaw. */
    private void goOn(String domain, Model model) {
        for (String name : List.copyOf(model.terminating.keySet())) {
            gone(domain, model, name, EventData.signaled(domain, name, 15));
        }
    }

    private void stop(String domain, @Nullable Model model) {
        Outcome got = now(supervisor.stop(domain));
        if (model == null) {
            expect(got, Optional.of(Kind.NO_SUCH_ENTITY));
            return;
        }
        expect(got, Optional.empty());
        if (model.isUp()) {
            for (String name : List.copyOf(model.alive.keySet())) {
                gone(domain, model, name, EventData.signaled(domain, name, 9));
            }
            model.state = State.STOPPED;
            model.ended.clear();
        }
    }

    private void remove(String domain, @Nullable Model model) {
        Outcome got = now(supervisor.remove(domain));
        if (model == null) {
            expect(got, Optional.of(Kind.NO_SUCH_ENTITY));
        } else if (model.isUp()) {
            expect(got, Optional.of(Kind.INVALID_STATE));
        } else {
            expect(got, Optional.empty());
            models.remove(domain);
            unread.remove(domain);
        }
    }

    private void limit(String domain, @Nullable Model model) {
        double cpus = random.nextInt(4) / 4.0;
        Outcome got = now(supervisor.limit(new LimitsRequest(domain, cpus, 0)));
        expect(got, model == null ? Optional.of(Kind.NO_SUCH_ENTITY) : failure());
        if (model != null && model.isUp() && !failed && !model.alive.isEmpty()) {
            int pid = model.alive.values().iterator().next();
            assertThat(host.limits(pid).cpuLimit()).isEqualTo(cpus);
        }
    }

    private void end(String domain, String name, @Nullable Model model) {
        Integer pid = model == null ? null : model.alive.get(name);
        if (model == null || pid == null || model.state == State.FROZEN) {
            return;
        }
        if (random.nextBoolean()) {
            host.end(pid, new Reaper.Exited(3));
            gone(domain, model, name, EventData.exited(domain, name, 3));
        } else {
            host.outOfMemory(pid);
            gone(domain, model, name, EventData.oomKilled(domain, name));
        }
    }

    private void gone(String domain, Model model, String name, EventData how) {
        Integer pid = model.alive.remove(name);
        model.terminating.remove(name);
        if (pid != null) {
            model.ended.put(name, pid);
            unread.computeIfAbsent(domain, _ -> new ArrayDeque<>()).add(how);
        }
    }

    private void read(String domain) {
        Events.Reader reader = events.read(domain);
        Deque<EventData> expected = unread.getOrDefault(domain, new ArrayDeque<>());
        if (expected.isEmpty()) {
            assertThat(reader.next()).isNotDone();
            events.leave(reader);
            return;
        }
        Events.Taken taken = reader.next().getNow(null);
        assertThat(taken).isNotNull();
        // Processes of one domain end in no order that is promised.
        assertThat(expected).contains(taken.event().data());
        expected.remove(taken.event().data());
        supervisor.told(taken);
    }
}
