package vmm.stats.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import vmm.core.Name;
import vmm.core.Sample;
import vmm.wire.Command;
import vmm.wire.Header;
import vmm.wire.Message;

class CoreTest {
    private static final Name HELLO = Name.parse("a:b:hello");
    private static final Name OTHER = Name.parse("a:c:other");
    private static final Header.Version AV5 = Header.Version.AV5;

    static final Sample SAMPLE =
            new Sample(
                    new Sample.ResourceUse(
                            new Sample.Time(1, 20_000),
                            Sample.Time.ZERO,
                            100,
                            0,
                            0,
                            0,
                            7,
                            0,
                            0,
                            0,
                            0,
                            0,
                            0,
                            0,
                            3,
                            4),
                    List.of(),
                    Optional.empty(),
                    Optional.empty());

    private static Command.StatsAdd process(long pid) {
        return new Command.StatsAdd("", pid, List.of());
    }

    private Watched watched(Name name) {
        return java.util.Objects.requireNonNull(state.watched().get(name.toString()));
    }

    private Reading reading(Name name) {
        return new Reading(watched(name), SAMPLE, 0, Reading.Storage.NONE, Optional.empty(), 0);
    }

    private State state = State.empty(false);

    private List<Effect> step(Input input) {
        var step = Core.step(state, input);
        state = step.state();
        return step.effects();
    }

    private List<Effect> asked(long client, Name name, Command command) {
        return step(new Input.Asked(client, Header.of(name), command));
    }

    private Optional<Set<Name>> look() {
        var step = Core.step(state, new Input.Tick());
        state = step.state();
        return step.jobs().stream()
                .map(look -> Set.copyOf(look.all().stream().map(Watched::name).toList()))
                .findFirst();
    }

    private List<Effect.Tell> told(Reading... readings) {
        return step(new Input.Sampled(new Pass(List.of(readings), List.of()))).stream()
                .filter(Effect.Tell.class::isInstance)
                .map(Effect.Tell.class::cast)
                .toList();
    }

    @Test
    void add_isAnswered_andWatched() {
        List<Effect> effects = asked(1, HELLO, process(7));
        Watched watched = watched(HELLO);
        assertThat(effects)
                .containsExactly(
                        new Effect.Watch(watched),
                        new Effect.Reply(1, Message.done(Header.of(HELLO), "added"), false));
        assertThat(asked(1, HELLO, new Command.StatsRemove()))
                .containsExactly(
                        new Effect.Unwatch(watched),
                        new Effect.Reply(1, Message.done(Header.of(HELLO), "removed"), false));
        assertThat(state.watched()).isEmpty();
        assertThat(asked(1, HELLO, new Command.StatsRemove())).hasSize(1);
    }

    @Test
    void add_isRefused_forPathsAndAbsurdPids() {
        assertThat(asked(1, Name.parse("a:b:"), process(7)).getFirst())
                .isInstanceOfSatisfying(
                        Effect.Reply.class,
                        r ->
                                assertThat(r.message().payload())
                                        .isInstanceOf(Message.Payload.Failed.class));
        for (long pid : new long[] {0, -1, 1L << 31, Long.MIN_VALUE}) {
            asked(1, HELLO, process(pid));
        }
        assertThat(state.watched()).isEmpty();
    }

    @Test
    void tick_looksOnlyAtThose_whomSomebodyListensTo() {
        asked(1, HELLO, process(7));
        asked(1, OTHER, process(8));
        assertThat(look()).isEmpty();
        asked(2, Name.parse("a:b:"), new Command.StatsSubscribe());
        assertThat(look()).contains(Set.of(HELLO));
    }

    @Test
    void tick_doesNothing_whileALookIsUnderWay() {
        asked(1, HELLO, process(7));
        asked(2, Name.ROOT, new Command.StatsSubscribe());
        assertThat(look()).isPresent();
        assertThat(look()).isEmpty();
        assertThat(state.missed()).isEqualTo(1);
        told(reading(HELLO));
        assertThat(look()).isPresent();
    }

    @Test
    void sample_reachesAllSubscribers_byNamesRelativeToTheirPaths() {
        asked(1, HELLO, process(7));
        asked(2, Name.ROOT, new Command.StatsSubscribe());
        asked(3, Name.parse("a:"), new Command.StatsSubscribe());
        asked(4, Name.parse("a:"), new Command.StatsSubscribe());
        asked(5, HELLO, new Command.StatsSubscribe());
        asked(6, Name.parse("a:c:"), new Command.StatsSubscribe());
        assertThat(told(reading(HELLO)))
                .extracting(
                        t -> t.samples().getFirst().name().toString(), t -> Set.copyOf(t.clients()))
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple(":hello", Set.of(5L)),
                        org.assertj.core.groups.Tuple.tuple("b:hello", Set.of(3L, 4L)),
                        org.assertj.core.groups.Tuple.tuple("a:b:hello", Set.of(2L)));
    }

    @Test
    void samplesOfAPass_areToldTogether_toWhoHearsThemByTheSameNames() {
        asked(1, HELLO, process(7));
        asked(1, OTHER, process(8));
        asked(2, Name.ROOT, new Command.StatsSubscribe());
        asked(3, Name.ROOT, new Command.StatsSubscribe());
        assertThat(told(reading(HELLO), reading(OTHER)))
                .singleElement()
                .satisfies(t -> assertThat(Set.copyOf(t.clients())).isEqualTo(Set.of(2L, 3L)))
                .satisfies(
                        t ->
                                assertThat(t.samples())
                                        .containsExactly(
                                                new Effect.Named(HELLO, SAMPLE),
                                                new Effect.Named(OTHER, SAMPLE)));
    }

    @Test
    void sample_hasTheFormOfEachSubscriber() {
        asked(1, HELLO, process(7));
        step(
                new Input.Asked(
                        2,
                        new Header(Header.Version.AV4, 9, Name.ROOT),
                        new Command.StatsSubscribe()));
        asked(3, Name.ROOT, new Command.StatsSubscribe());
        assertThat(told(reading(HELLO)))
                .extracting(Effect.Tell::version)
                .containsExactlyInAnyOrder(Header.Version.AV4, AV5);
    }

    @Test
    void subscription_goesOn_whereTheUnikernelIsStartedAgain() {
        asked(1, HELLO, process(7));
        asked(2, HELLO, new Command.StatsSubscribe());
        asked(1, HELLO, new Command.StatsRemove());
        asked(1, HELLO, process(8));
        assertThat(told(reading(HELLO))).hasSize(1);
        assertThat(state.starts()).containsEntry(HELLO.toString(), 2L);
    }

    @Test
    void sampleOfAPredecessor_isNotTold_whereAnotherProcessHasTheName() {
        asked(2, Name.ROOT, new Command.StatsSubscribe());
        asked(1, HELLO, process(7));
        look();
        Reading old = reading(HELLO);
        asked(1, HELLO, process(7));
        assertThat(told(old)).isEmpty();
    }

    @Test
    void endOfAProcess_forgetsIt_butNotItsSuccessor() {
        asked(1, HELLO, process(7));
        Watched first = watched(HELLO);
        asked(1, HELLO, process(7));
        step(new Input.Sampled(new Pass(List.of(), List.of(first))));
        Watched second = watched(HELLO);
        assertThat(second).isNotSameAs(first);
        assertThat(step(new Input.Sampled(new Pass(List.of(), List.of(second)))))
                .contains(new Effect.Unwatch(second));
        assertThat(state.watched()).isEmpty();
    }

    @Test
    void clientThatLeft_hearsNoMore() {
        asked(1, HELLO, process(7));
        asked(2, Name.ROOT, new Command.StatsSubscribe());
        asked(2, HELLO, new Command.StatsSubscribe());
        asked(3, Name.ROOT, new Command.StatsSubscribe());
        step(new Input.Left(2));
        assertThat(told(reading(HELLO)))
                .extracting(Effect.Tell::clients)
                .containsExactly(List.of(3L));
    }

    @Test
    void subscriptions_areBounded() {
        for (int i = 0; i < Core.SUBSCRIPTIONS_MAX; i++) {
            asked(i, Name.ROOT, new Command.StatsSubscribe());
        }
        assertThat(asked(5000, Name.ROOT, new Command.StatsSubscribe()).getFirst())
                .isInstanceOfSatisfying(Effect.Reply.class, r -> assertThat(r.last()).isTrue());
    }

    @Test
    void commandsOfOthers_areRefused() {
        for (Command command :
                List.of(
                        new Command.StatsInitial(),
                        new Command.PolicyInfo(),
                        new Command.ConsoleListInactive(),
                        new Command.BlockInfo(),
                        new Command.Destroy())) {
            assertThat(asked(1, HELLO, command))
                    .singleElement()
                    .isInstanceOfSatisfying(Effect.Reply.class, r -> assertThat(r.last()).isTrue());
        }
    }
}
