package vmm.vmmd.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import vmm.core.Arguments;
import vmm.core.BlockDevice;
import vmm.core.Bytes;
import vmm.core.Claim;
import vmm.core.FailBehaviour;
import vmm.core.Name;
import vmm.core.Path;
import vmm.core.Policy;
import vmm.core.Typ;
import vmm.core.UnikernelConfig;
import vmm.core.Usage;
import vmm.vmmd.core.Unikernel.Limits;
import vmm.vmmd.core.Unikernel.Phase;
import vmm.wire.Command;
import vmm.wire.Form;
import vmm.wire.Header;

/** The core against a fake host where everything may fail; {@code -Dseed=} repeats a run. */
class CoreSimulationTest {
    private static final int STEPS = 10_000;
    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final List<Name> NAMES =
            List.of(Name.parse("foo:a"), Name.parse("foo:b"), Name.parse("foo:bar:c"));
    private static final List<Name> BLOCKS = List.of(Name.parse("foo:d"), Name.parse("foo:bar:d"));
    private static final Policy ROOT =
            Policy.of(List.of(0L, 1L), 3, 400, OptionalLong.of(100), List.of());

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final FakeHost host = new FakeHost(random);
    private State state = State.empty(GRACE);
    private long clients;

    @Test
    void step_keepsTheInvariants_whateverFails() {
        begin();
        for (int i = 0; i < STEPS; i++) {
            anything();
        }
        settle();
        checkDisk();
        state.unikernels()
                .forEach(
                        (name, u) ->
                                assertThat(host.frozen.contains(name))
                                        .as("%s %s", told(), u)
                                        .isEqualTo(u.phase() instanceof Phase.Paused));
        for (Name name : NAMES) {
            ask(name, new Command.Destroy());
            settle();
        }
        assertThat(state.unikernels()).as(told()).isEmpty();
        assertThat(state.writes().pending()).as(told()).isEmpty();
        assertThat(state.busyBlocks()).as(told()).isEmpty();
        assertThat(state.turns()).as(told()).isEmpty();
        assertThat(host.disk).as(told()).isEmpty();
        assertThat(state.resources().used(Path.ROOT).unikernels()).as(told()).isZero();
        assertThat(host.domains).as(told()).isEmpty();
        assertThat(host.images).as(told()).isEmpty();
    }

    @Test
    void stop_endsEverything_atAnyInstant() {
        for (int round = 0; round < 300; round++) {
            state = State.empty(GRACE);
            host.failurePercent = 20;
            host.allStopped = false;
            begin();
            for (int i = random.nextInt(60); i > 0; i--) {
                anything();
            }
            host.failurePercent = 0;
            feed(new Input.Stop(true, host.now));
            settle();
            assertThat(host.allStopped).as("%s round %d: %s", told(), round, state).isTrue();
            assertThat(host.processes).as(told()).isEmpty();
            checkDisk();
            assertThat(host.images)
                    .as(told())
                    .containsExactlyInAnyOrderElementsOf(
                            state.unikernels().values().stream()
                                    .map(u -> u.spec().digest())
                                    .distinct()
                                    .toList());
            host.images.clear();
            host.disk.clear();
        }
    }

    @Test
    void killedAtAnyInstant_allComesBack_andWhatRunsIsWhatItSays() {
        begin();
        for (int round = 0; round < 300; round++) {
            host.failurePercent = 20;
            for (int i = random.nextInt(60); i > 0; i--) {
                anything();
            }
            if (random.nextBoolean()) {
                feed(new Input.Stop(false, host.now));
            }
            crash();
            if (random.nextInt(10) == 0) {
                settle();
                checkDisk();
            }
        }
    }

    private void crash() {
        var blocks = new ArrayList<Input.Found>();
        state.resources()
                .blocksBelow(Path.ROOT)
                .forEach((name, block) -> blocks.add(new Input.Found(name, block.sizeMiB())));
        Input.Started found = host.crash(ROOT, blocks);
        for (long client = 1; client <= clients; client++) {
            host.replies.putIfAbsent(client, 1);
        }
        state = State.empty(GRACE);
        feed(found);
        assertThat(state.unikernels().keySet())
                .as(told())
                .containsExactlyInAnyOrderElementsOf(host.disk.keySet());
    }

    @Test
    void whoComesWhileItStarts_isHeardAfterwards_inThatOrder() {
        Name name = startingOne();
        ask(name, new Command.Destroy());
        ask(name, new Command.Create(true, Form.Config.V5, config(arguments(List.of()))));
        assertThat(host.replies).as(told()).isEmpty();
        settle();
        assertThat(host.refused).as(told()).isEmpty();
        assertThat(state.unikernel(name))
                .as(told())
                .hasValueSatisfying(u -> assertThat(u.phase()).isInstanceOf(Phase.Running.class));
    }

    @Test
    void whoWaitsLongToBeDestroyed_stillHasItsGraceToEnd() {
        Name name = startingOne();
        ask(name, new Command.Destroy());
        host.now = host.now.plus(GRACE).plusSeconds(1);
        while (state.unikernel(name).orElseThrow().phase() instanceof Phase.Starting) {
            host.work().ifPresent(this::feed);
        }
        feed(new Input.Tick(host.now));
        assertThat(state.unikernel(name).orElseThrow().phase())
                .as(told())
                .isInstanceOfSatisfying(
                        Phase.Ending.class,
                        ending -> assertThat(ending.killAt()).isEqualTo(host.now.plus(GRACE)));
    }

    @Test
    void tooMany_areToldToTryAgain_andNoneIsForgotten() {
        Name name = startingOne();
        for (int i = 0; i < Turns.WAITING_MAX + 2; i++) {
            ask(name, new Command.Restart(Form.Restart.V1, Optional.empty()));
        }
        assertThat(host.refused.values())
                .as(told())
                .hasSize(2)
                .allMatch(w -> w.endsWith("try again"));
        settle();
        assertThat(host.refused).as(told()).hasSize(2);
    }

    private Name startingOne() {
        host.failurePercent = 0;
        begin();
        Name name = NAMES.getFirst();
        ask(name, new Command.Create(false, Form.Config.V5, config(arguments(List.of()))));
        host.work();
        host.work().ifPresent(this::feed);
        assertThat(state.unikernel(name))
                .hasValueSatisfying(u -> assertThat(u.phase()).isInstanceOf(Phase.Starting.class));
        return name;
    }

    private void begin() {
        feed(new Input.Started(ROOT, List.of(), List.of(), List.of(), List.of(), host.now));
    }

    private void anything() {
        host.now = host.now.plusMillis(random.nextInt(500));
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> ask();
            case 3 -> host.exit().ifPresent(this::feed);
            case 4 -> feed(new Input.Tick(host.now));
            default -> host.work().ifPresent(this::feed);
        }
    }

    /** Nothing fails any more, and what is under way ends. */
    private void settle() {
        host.failurePercent = 0;
        for (int i = 0; i < 40; i++) {
            while (!host.isIdle()) {
                host.work().ifPresent(this::feed);
            }
            host.now = host.now.plusSeconds(30);
            feed(new Input.Tick(host.now));
        }
        while (!host.isIdle()) {
            host.work().ifPresent(this::feed);
        }
        for (long client = 1; client <= clients; client++) {
            assertThat(host.replies.get(client)).as("%s client %d", told(), client).isEqualTo(1);
        }
    }

    private void ask() {
        Name name = NAMES.get(random.nextInt(NAMES.size()));
        Name block = BLOCKS.get(random.nextInt(BLOCKS.size()));
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3 ->
                    ask(name, new Command.Create(random.nextBoolean(), Form.Config.V5, config()));
            case 4 -> ask(name, new Command.Destroy());
            case 5 -> ask(name, new Command.Restart(Form.Restart.V1, Optional.empty()));
            case 6 -> ask(name, new Command.Restart(Form.Restart.V1, Optional.of(arguments())));
            case 7 -> ask(block, new Command.BlockAdd(1 + random.nextInt(60)));
            case 8 -> ask(block, new Command.BlockRemove());
            case 9 -> ask(Name.of(name.path()), new Command.PolicyAdd(policy()));
            case 10 -> ask(Name.of(name.path()), new Command.PolicyRemove());
            case 11 -> ask(block, new Command.BlockSet(false));
            case 12 -> ask(block, new Command.BlockDump(0));
            case 13, 14 -> wish(name, new Input.Wish.Pause(random.nextBoolean()));
            case 15 -> wish(name, new Input.Wish.Resume());
            case 16 -> wish(name, new Input.Wish.Limit(limits()));
            case 17 -> host.traffic(name).ifPresent(this::feed);
            case 18 -> host.silence(name).ifPresent(this::feed);
            default -> ask(Name.ROOT, new Command.BlockInfo());
        }
    }

    private void ask(Name name, Command command) {
        feed(new Input.Asked(new Client(++clients, Header.of(name)), command, host.now));
    }

    private void wish(Name name, Input.Wish wish) {
        feed(new Input.Controlled(new Client(++clients, Header.of(name)), wish));
    }

    private Limits limits() {
        return new Limits(
                random.nextInt(3) * 250L,
                random.nextInt(2) * 1_000_000L,
                random.nextInt(2),
                random.nextInt(2) * 1_000L,
                random.nextInt(2) * 2_000L);
    }

    private UnikernelConfig config() {
        return config(arguments());
    }

    private UnikernelConfig config(Arguments arguments) {
        Bytes image = Bytes.of(new byte[] {(byte) random.nextInt(3)});
        return new UnikernelConfig(Typ.SOLO5, false, image, arguments);
    }

    private Arguments arguments() {
        var device = new BlockDevice("d", Optional.empty(), OptionalLong.empty());
        return arguments(random.nextInt(3) == 0 ? List.of(device) : List.of());
    }

    private Arguments arguments(List<BlockDevice> blocks) {
        return new Arguments(
                random.nextBoolean() ? FailBehaviour.RESTART : FailBehaviour.QUIT,
                OptionalLong.empty(),
                true,
                new TreeSet<>(Set.of((long) random.nextInt(2))),
                50L * (1 + random.nextInt(4)),
                blocks,
                List.of(),
                Optional.empty(),
                1,
                Optional.empty());
    }

    private Policy policy() {
        return Policy.of(
                List.of(0L, 1L),
                1 + random.nextInt(3),
                100 + random.nextInt(300),
                OptionalLong.of(50 + random.nextInt(50)),
                List.of());
    }

    private void feed(Input input) {
        State before = state;
        try {
            var step = Core.step(state, input);
            state = step.state();
            step.effects().forEach(host::take);
            step.jobs().forEach(host::take);
            if (input instanceof Input.Idled(var name, _)
                    && before.unikernel(name)
                            .filter(u -> u.spec().limits().idleSeconds() > 0)
                            .isEmpty()) {
                assertThat(step.jobs()).as("done for silence without a limit").isEmpty();
            }
            check(before);
        } catch (AssertionError | IllegalStateException e) {
            throw new AssertionError(told() + " at " + input + ": " + e.getMessage(), e);
        }
    }

    private void check(State before) {
        long held = 0;
        long memoryMiB = 0;
        for (Unikernel u : state.unikernels().values()) {
            Optional<Claim> claim = state.resources().claimOf(u.name());
            if (u.holdsResources()) {
                held++;
                memoryMiB += u.spec().arguments().memoryMiB();
                assertThat(claim).as("%s", u).contains(Claim.of(u.spec().arguments()));
            } else {
                assertThat(claim).as("%s", u).isEmpty();
            }
            boolean lasts =
                    (u.phase() instanceof Phase.Running || u.phase() instanceof Phase.Paused)
                            && !host.outdated.contains(u.name());
            Optional.ofNullable(host.processes.get(u.name()))
                    .filter(_ -> lasts)
                    .ifPresent(
                            process ->
                                    assertThat(u.spec())
                                            .as("what runs as %s", u.name())
                                            .isEqualTo(
                                                    process.spec().withLimits(u.spec().limits())));
            assertThat(host.images).as("image of %s", u).contains(u.spec().digest());
            if (u.phase() instanceof Phase.Ending(_, var killAt, _)
                    && before.unikernel(u.name()).filter(b -> endsBy(b, killAt)).isEmpty()) {
                assertThat(killAt).as("%s is killed", u).isEqualTo(host.now.plus(GRACE));
            }
            if (u.phase() instanceof Phase.Waiting(var until, _)
                    && before.unikernel(u.name())
                            .filter(b -> b.phase().equals(u.phase()))
                            .isEmpty()) {
                assertThat(until).as("%s waits", u).isAfter(host.now);
            }
        }
        Usage used = state.resources().used(Path.ROOT);
        assertThat(used.unikernels()).isEqualTo(held);
        assertThat(used.memoryMiB()).isEqualTo(memoryMiB);
        var known = new HashSet<>(host.processes.keySet());
        known.removeAll(state.unikernels().keySet());
        assertThat(known).as("processes nobody knows").isEmpty();
        assertThat(host.replies.values()).allMatch(count -> count == 1);
    }

    private static boolean endsBy(Unikernel u, Instant at) {
        return u.phase() instanceof Phase.Ending(_, var killAt, _) && killAt.equals(at);
    }

    /** What the next vmmd would read is what this one has. */
    private void checkDisk() {
        var specs = new HashMap<Name, Unikernel.Spec>();
        state.unikernels().forEach((name, u) -> specs.put(name, u.spec()));
        var kept = new HashMap<Name, Unikernel.Spec>();
        host.disk.forEach((name, put) -> kept.put(name, put.spec()));
        assertThat(kept).as(told()).isEqualTo(specs);
    }

    private String told() {
        return "-Dseed=" + seed;
    }
}
