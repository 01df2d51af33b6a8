package vmm.console.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.core.Path;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Decoded;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.Success;
import vmm.wire.der.WireCodec;

class ConsolesTest {
    private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");
    private static final Name HELLO = Name.parse("a:hello");

    /** A peer that keeps what it hears. */
    private static final class Ear implements Consoles.Listener {
        final List<Message> heard = new ArrayList<>();
        boolean ended;

        @Override
        public void put(ByteBuffer frames, int count) {
            ByteBuffer in = frames.duplicate();
            for (int i = 0; i < count; i++) {
                byte[] der = new byte[in.getInt()];
                in.get(der);
                if (!(WireCodec.decode(Bytes.of(der)) instanceof Decoded.Of<Message>(var m))) {
                    throw new AssertionError("malformed");
                }
                heard.add(m);
            }
            assertThat(in.hasRemaining()).isFalse();
        }

        @Override
        public void pace() {}

        @Override
        public void end() {
            ended = true;
        }

        List<String> lines() {
            return heard.stream()
                    .map(Message::payload)
                    .filter(Payload.Told.class::isInstance)
                    .map(p -> ((Data.ConsoleLine) ((Payload.Told) p).data()).line())
                    .toList();
        }

        String answer() {
            return switch (heard.getFirst().payload()) {
                case Payload.Done(Success.Text(var text)) -> text;
                case Payload.Failed(var why) -> "failed: " + why;
                default -> throw new AssertionError(heard);
            };
        }
    }

    private final Consoles consoles = new Consoles(5, Long.MAX_VALUE);
    private int printed;

    private Ear subscribe(Name name, Command.History history) {
        var ear = new Ear();
        consoles.subscribe(ear, Header.of(name), new Command.ConsoleSubscribe(false, history));
        return ear;
    }

    /** One that is still there a moment later. */
    private Ear follower(Name name) {
        Ear ear = subscribe(name, 0);
        consoles.settle(ear, name);
        return ear;
    }

    private Ear subscribe(Name name, long count) {
        return subscribe(name, new Command.History.Count(count));
    }

    private void print(Name name, int count) {
        List<String> lines =
                IntStream.range(printed, printed + count).mapToObj(i -> "" + i).toList();
        consoles.lines(name, LineRingTest.block(START.plusSeconds(printed), lines));
        printed += count;
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "" + i).toList();
    }

    @Test
    void subscriber_getsHistoryAndThenEveryLine() {
        consoles.add(HELLO, Optional.of(3L));
        print(HELLO, 30);
        Ear ear = subscribe(HELLO, 20);
        print(HELLO, 5);
        print(HELLO, 1);
        assertThat(ear.answer()).isEqualTo("subscribed");
        assertThat(ear.lines()).isEqualTo(numbers(10, 36));
    }

    @Test
    void subscriber_waits_whereThereIsNothingYet() {
        Ear ear = subscribe(HELLO, 20);
        assertThat(ear.answer()).isEqualTo("waiting for VM");
        consoles.add(HELLO, Optional.of(3L));
        print(HELLO, 2);
        assertThat(ear.lines()).isEqualTo(numbers(0, 2));
    }

    /** BEHAVIOUR 14.13: count -1 on a full ring spins at 100 % for ever. */
    @Test
    void count_isClamped_onAFullRing() {
        consoles.add(HELLO, Optional.empty());
        print(HELLO, 700);
        print(HELLO, 700);
        assertThat(subscribe(HELLO, -1).lines()).isEmpty();
        assertThat(subscribe(HELLO, 0).lines()).isEmpty();
        assertThat(subscribe(HELLO, Long.MIN_VALUE).lines()).isEmpty();
        assertThat(subscribe(HELLO, 1).lines()).isEqualTo(numbers(1399, 1400));
        assertThat(subscribe(HELLO, 1024).lines()).isEqualTo(numbers(376, 1400));
        assertThat(subscribe(HELLO, (1L << 62) - 1).lines()).isEqualTo(numbers(376, 1400));
    }

    @Test
    void since_givesWhatWasReadThenAndLater() {
        consoles.add(HELLO, Optional.empty());
        print(HELLO, 10);
        print(HELLO, 10);
        assertThat(subscribe(HELLO, new Command.History.Since(START.plusSeconds(10))).lines())
                .isEqualTo(numbers(10, 20));
        assertThat(subscribe(HELLO, new Command.History.Since(START.plusSeconds(11))).lines())
                .isEmpty();
    }

    /** BEHAVIOUR 14.23: six subscribers pass a limit of five. */
    @Test
    void sixthSubscriber_putsOutTheOldest() {
        consoles.add(HELLO, Optional.empty());
        List<Ear> ears = IntStream.range(0, 6).mapToObj(_ -> follower(HELLO)).toList();
        print(HELLO, 1);
        assertThat(ears.stream().filter(e -> e.ended)).containsExactly(ears.getFirst());
        assertThat(ears.getFirst().lines()).isEmpty();
        assertThat(ears.subList(1, 6)).allSatisfy(e -> assertThat(e.lines()).hasSize(1));
    }

    @Test
    void sixthSubscriber_putsOutTheOldest_whereNoUnikernelIsYet() {
        List<Ear> ears = IntStream.range(0, 6).mapToObj(_ -> follower(HELLO)).toList();
        assertThat(ears.stream().filter(e -> e.ended)).containsExactly(ears.getFirst());
    }

    @Test
    void whoAsksForThePastAlone_putsOutNobody() {
        consoles.add(HELLO, Optional.empty());
        print(HELLO, 3);
        List<Ear> ears = IntStream.range(0, 5).mapToObj(_ -> follower(HELLO)).toList();
        Ear visitor = subscribe(HELLO, 2);
        print(HELLO, 1);
        consoles.unsubscribe(visitor);
        assertThat(visitor.lines()).containsExactly("1", "2", "3");
        assertThat(ears).allSatisfy(e -> assertThat(e.lines()).containsExactly("3"));
        assertThat(ears).noneMatch(e -> e.ended);
    }

    @Test
    void visitors_areBounded_whereTheyComeAllAtOnce() {
        List<Ear> ears = IntStream.range(0, 30).mapToObj(_ -> subscribe(HELLO, 0)).toList();
        assertThat(ears.stream().filter(e -> !e.ended)).hasSize(5 + 16);
        ears.forEach(ear -> consoles.settle(ear, HELLO));
        assertThat(ears.stream().filter(e -> !e.ended))
                .containsExactlyElementsOf(ears.subList(25, 30));
    }

    @Test
    void headersAndForms_areEachSubscribersOwn() {
        consoles.add(HELLO, Optional.empty());
        var first = new Ear();
        var second = new Ear();
        var third = new Ear();
        var none = new Command.History.Count(0);
        var old = new Header(Header.Version.AV3, 7, HELLO);
        consoles.subscribe(first, old, new Command.ConsoleSubscribe(true, none));
        consoles.subscribe(second, old, new Command.ConsoleSubscribe(false, none));
        consoles.subscribe(third, Header.of(HELLO), new Command.ConsoleSubscribe(false, none));
        print(HELLO, 2);
        assertThat(first.heard).allMatch(m -> m.header().equals(old));
        assertThat(second.heard).allMatch(m -> m.header().equals(old));
        assertThat(third.heard).allMatch(m -> m.header().equals(Header.of(HELLO)));
        assertThat(first.heard.get(2).payload())
                .isEqualTo(new Payload.Told(new Data.ConsoleLine(true, START, "1")));
        assertThat(second.heard.get(2).payload())
                .isEqualTo(new Payload.Told(new Data.ConsoleLine(false, START, "1")));
    }

    @Test
    void whoLeft_hearsNothing_andLeavesNothing() {
        Ear ear = subscribe(HELLO, 0);
        consoles.unsubscribe(ear);
        assertThat(subscribe(HELLO, 0).answer()).isEqualTo("waiting for VM");
        print(HELLO, 1);
        assertThat(ear.lines()).isEmpty();
    }

    @Test
    void path_isRefused() {
        Ear ear = subscribe(Name.parse("a:"), 0);
        assertThat(ear.answer()).contains("'a:' is a path");
        assertThat(ear.ended).isTrue();
    }

    @Test
    void rings_outliveTheirUnikernels_upToOneMoreThanThePathMayRun() {
        Path path = HELLO.path();
        for (int i = 0; i < 5; i++) {
            Name name = Name.parse("a:u" + i);
            consoles.add(name, Optional.of(2L));
            print(name, 1);
            consoles.ended(name);
        }
        assertThat(consoles.listInactive(path))
                .isEqualTo(
                        new Success.Consoles(
                                List.of(Name.parse("u2"), Name.parse("u3"), Name.parse("u4"))));
        Name again = Name.parse("a:u2");
        consoles.add(again, Optional.of(2L));
        print(again, 1);
        assertThat(subscribe(again, 20).lines()).isEqualTo(List.of("2", "5"));
        assertThat(consoles.listInactive(path))
                .isEqualTo(new Success.Consoles(List.of(Name.parse("u3"), Name.parse("u4"))));
        assertThat(consoles.listInactive(Path.ROOT))
                .isEqualTo(new Success.Consoles(List.of(Name.parse("a:u3"), Name.parse("a:u4"))));
    }

    @Test
    void inactiveOnes_areThoseThatRan_evenIfTheyPrintedNothing() {
        consoles.add(HELLO, Optional.empty());
        consoles.ended(HELLO);
        subscribe(Name.parse("a:awaited"), 1);
        assertThat(consoles.listInactive(Path.ROOT))
                .isEqualTo(new Success.Consoles(List.of(HELLO)));
    }

    @Test
    void activeRings_areNeverDropped() {
        for (int i = 0; i < 4; i++) {
            consoles.add(Name.parse("a:u" + i), Optional.of(0L));
            print(Name.parse("a:u" + i), 1);
        }
        consoles.add(Name.parse("a:low"), Optional.of(Long.MIN_VALUE));
        for (int i = 0; i < 4; i++) {
            assertThat(subscribe(Name.parse("a:u" + i), 9).lines()).hasSize(1);
        }
    }

    /** Without a bound, guests that fill their rings end the console for everybody. */
    @Test
    void rings_shareABoundOfMemory_andWhoHasTheMostGives() {
        long most = 100_000;
        var bounded = new Consoles(5, most);
        Name loud = Name.parse("a:loud");
        bounded.add(HELLO, Optional.of(9L));
        bounded.add(loud, Optional.of(9L));
        bounded.lines(HELLO, LineRingTest.block(START, List.of("kept")));
        for (int i = 0; i < 1000; i++) {
            bounded.lines(loud, LineRingTest.block(START, List.of(i + "x".repeat(500))));
        }
        bounded.lines(HELLO, LineRingTest.block(START, List.of("kept, too")));
        assertThat(history(bounded, HELLO)).containsExactly("kept", "kept, too");
        assertThat(history(bounded, loud))
                .hasSizeBetween(100, 160)
                .last()
                .asString()
                .startsWith("999x");
    }

    private static List<String> history(Consoles consoles, Name name) {
        var ear = new Ear();
        var all = new Command.History.Count(1024);
        consoles.subscribe(ear, Header.of(name), new Command.ConsoleSubscribe(false, all));
        return ear.lines();
    }
}
