package vmm.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import vmm.core.Name;
import vmm.core.Text;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.Success;

/** A vmm-console as its own process, spoken to over its socket, fed through real fifos. */
@Timeout(120)
class LiveConsoleTest {
    private static LiveConsole console;
    private Name name = Name.ROOT;

    @BeforeAll
    static void start() throws IOException {
        console = new LiveConsole();
    }

    @AfterAll
    static void stop() throws Exception {
        console.close();
    }

    @BeforeEach
    void chooseName(TestInfo test) {
        String method = test.getTestMethod().orElseThrow().getName().replace('_', '-');
        name = Name.parse("t:" + method.substring(0, Math.min(60, method.length())));
    }

    @AfterEach
    void isAlive() throws IOException {
        assertThat(console.isAlive()).as(console.logged()).isTrue();
    }

    @Test
    void linesOfAFifo_reachHistoryAndSubscribers() throws Exception {
        try (var out = console.unikernel(name);
                var early = console.subscribe(name, 20)) {
            assertThat(early.answer).isEqualTo(Message.done(Header.of(name), "subscribed"));
            LiveConsole.print(out, 0, 30);
            assertThat(early.lines(30)).isEqualTo(LiveConsole.numbered(0, 30));
            try (var late = console.subscribe(name, 20)) {
                assertThat(late.lines(20)).isEqualTo(LiveConsole.numbered(10, 30));
                LiveConsole.print(out, 30, 31);
                assertThat(late.line()).isEqualTo("line 30");
                assertThat(early.line()).isEqualTo("line 30");
            }
        }
    }

    /** While a flood runs, every newcomer hears lines that follow one another. */
    @Test
    void history_andLive_haveNoGapAndNothingTwice() throws Exception {
        try (var out = console.unikernel(name)) {
            LiveConsole.print(out, 0, 2000);
            console.awaitLast(name, "line 1999");
            var enough = new AtomicBoolean();
            var failed = new AtomicReference<IOException>();
            Thread producer = Thread.ofPlatform().start(() -> flood(out, enough, failed));
            for (int i = 0; i < 20; i++) {
                try (var peer = console.subscribe(name, 100)) {
                    List<String> lines = peer.lines(400);
                    int first = Integer.parseInt(lines.getFirst().substring(5));
                    assertThat(lines).isEqualTo(LiveConsole.numbered(first, first + 400));
                }
            }
            enough.set(true);
            producer.join();
            assertThat(failed).hasNullValue();
        }
    }

    private static void flood(
            OutputStream out, AtomicBoolean enough, AtomicReference<IOException> failed) {
        try {
            for (int i = 2000; !enough.get(); i += 10) {
                LiveConsole.print(out, i, i + 10);
            }
        } catch (IOException e) {
            failed.set(e);
        }
    }

    @Test
    void everyByteValue_andLinesOfAMegabyte_pass() throws Exception {
        try (var out = console.unikernel(name);
                var peer = console.subscribe(name, 0)) {
            for (int value = 0; value < 256; value++) {
                if (value != '\n') {
                    out.write(new byte[] {'<', (byte) value, '>', '\n'});
                    assertThat(Text.encode(peer.line()))
                            .isEqualTo(new byte[] {'<', (byte) value, '>'});
                }
            }
            for (int i = 0; i < 1024; i++) {
                out.write(LiveConsole.bytes("m".repeat(1024)));
            }
            out.write(LiveConsole.bytes("\nnext\n"));
            assertThat(peer.lines(2)).containsExactly("m".repeat(512) + " [truncated]", "next");
        }
    }

    /** BEHAVIOUR 14.13: count -1 on a full ring spins at 100 % for ever. */
    @Test
    void countOfMinusOne_isNoHistory_andHugeOnesAreTheRing() throws Exception {
        try (var out = console.unikernel(name)) {
            LiveConsole.print(out, 0, 3000);
            console.awaitLast(name, "line 2999");
            try (var none = console.subscribe(name, -1);
                    var zero = console.subscribe(name, 0);
                    var huge = console.subscribe(name, (1L << 62) - 1)) {
                assertThat(huge.lines(1024)).isEqualTo(LiveConsole.numbered(1976, 3000));
                LiveConsole.print(out, 3000, 3001);
                assertThat(none.line()).isEqualTo("line 3000");
                assertThat(zero.line()).isEqualTo("line 3000");
                assertThat(huge.line()).isEqualTo("line 3000");
            }
        }
    }

    @Test
    void since_givesWhatWasReadFromThenOn() throws Exception {
        try (var out = console.unikernel(name)) {
            LiveConsole.print(out, 0, 5);
            console.awaitLast(name, "line 4");
            Instant between = Instant.now().plusMillis(2);
            LiveConsole.await(
                    "the next moment", () -> Instant.now().isAfter(between.plusMillis(2)));
            LiveConsole.print(out, 5, 8);
            console.awaitLast(name, "line 7");
            var since = new Command.ConsoleSubscribe(false, new Command.History.Since(between));
            try (var peer = console.subscribe(Header.of(name), since)) {
                assertThat(peer.lines(3)).isEqualTo(LiveConsole.numbered(5, 8));
            }
        }
    }

    /** BEHAVIOUR 14.12: a subscriber that never reads stalls the producer and starves others. */
    @Test
    void whoNeverReads_isToldHowManyLinesItLost_andCostsNobodyAnything() throws Exception {
        int count = 60_000;
        try (var out = console.unikernel(name);
                var silent = console.subscribe(name, 0);
                var other = console.subscribe(name, 0)) {
            for (int i = 0; i < count; i += 500) {
                LiveConsole.print(out, i, i + 500);
                assertThat(other.lines(500)).isEqualTo(LiveConsole.numbered(i, i + 500));
            }
            long got = 0;
            long lost = 0;
            while (lost == 0) {
                String line = silent.line();
                if (line.endsWith("lines lost: this subscriber reads too slowly]")) {
                    lost = Long.parseLong(line.substring(1, line.indexOf(' ')));
                } else {
                    assertThat(line).isEqualTo("line " + got++);
                }
            }
            LiveConsole.print(out, count, count + 1);
            assertThat(silent.line()).isEqualTo("line " + (got + lost));
            assertThat(got + lost).isEqualTo(count);
        }
    }

    /** BEHAVIOUR 14.23: last words without a newline are lost. */
    @Test
    void lastWords_areHeard_andTheConsoleBecomesInactive() throws Exception {
        try (var peer = console.subscribe(name, 0)) {
            assertThat(peer.answer).isEqualTo(Message.done(Header.of(name), "waiting for VM"));
            try (var out = console.unikernel(name)) {
                out.write(LiveConsole.bytes("first\nlast words"));
                assertThat(peer.line()).isEqualTo("first");
            }
            assertThat(peer.line()).isEqualTo("last words");
        }
        Header path = Header.of(Name.of(name.path()));
        LiveConsole.await(
                "it is inactive",
                () -> {
                    try {
                        return console.listInactive(path).payload()
                                        instanceof Payload.Done(Success.Consoles(var names))
                                && names.contains(Name.parse(name.toString().substring(2)));
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    /** BEHAVIOUR 14.23: six subscribers pass a limit of five. */
    @Test
    void sixthSubscriber_putsOutTheOldest_evenIfItNeverReads() throws Exception {
        try (var out = console.unikernel(name)) {
            var peers = new ArrayList<LiveConsole.Peer>();
            for (int i = 0; i < 6; i++) {
                peers.add(console.subscribe(name, 0));
            }
            peers.getFirst().awaitClose();
            LiveConsole.print(out, 0, 1);
            for (LiveConsole.Peer peer : peers.subList(1, 6)) {
                assertThat(peer.line()).isEqualTo("line 0");
                peer.close();
            }
        }
    }

    @Test
    void whoClosesItsSide_getsThePastToTheEnd_andTakesNobodysPlace() throws Exception {
        try (var out = console.unikernel(name)) {
            LiveConsole.print(out, 0, 1000);
            console.awaitLast(name, "line 999");
            var peers = new ArrayList<LiveConsole.Peer>();
            for (int i = 0; i < 5; i++) {
                peers.add(console.subscribe(name, 0));
            }
            for (int i = 0; i < 20; i++) {
                try (var visitor = console.subscribe(name, 700)) {
                    visitor.channel.shutdownOutput();
                    assertThat(visitor.lines(700)).isEqualTo(LiveConsole.numbered(300, 1000));
                    visitor.awaitClose();
                }
            }
            LiveConsole.print(out, 1000, 1001);
            for (LiveConsole.Peer peer : peers) {
                assertThat(peer.line()).isEqualTo("line 1000");
                peer.close();
            }
        }
    }

    /** A console from either side of 2.6.1 and a vmmd from the other understand each other. */
    @Test
    void add_isUnderstood_inBothForms() throws Exception {
        try (var out = console.unikernel(name)) {
            LiveConsole.print(out, 0, 1);
            assertThat(console.add(Header.of(name), OptionalLong.empty()))
                    .isEqualTo(new Payload.Done(new Success.Empty()));
            assertThat(console.add(Header.of(name), OptionalLong.of(-1)))
                    .isEqualTo(new Payload.Done(new Success.Empty()));
            console.awaitLast(name, "line 0");
        }
    }

    @Test
    void olderReleases_getTheirNamesAndTimes() throws Exception {
        try (var out = console.unikernel(name)) {
            for (Header.Version version : Header.Version.values()) {
                var header = new Header(version, 0x123456789abcdefL, name);
                for (boolean utc : new boolean[] {true, false}) {
                    var command = new Command.ConsoleSubscribe(utc, new Command.History.Count(0));
                    try (var peer = console.subscribe(header, command)) {
                        assertThat(peer.answer).isEqualTo(Message.done(header, "subscribed"));
                        LiveConsole.print(out, 0, 1);
                        Message told = peer.next();
                        assertThat(told.header()).isEqualTo(header);
                        assertThat(told.payload())
                                .isInstanceOfSatisfying(
                                        Payload.Told.class,
                                        t ->
                                                assertThat(((Data.ConsoleLine) t.data()).utc())
                                                        .isEqualTo(utc));
                    }
                }
                assertThat(console.listInactive(header).header()).isEqualTo(header);
            }
        }
    }

    @Test
    void addAgain_leavesTheReaderAlone_andNoLineIsTorn() throws Exception {
        try (var out = console.unikernel(name);
                var peer = console.subscribe(name, 0)) {
            for (int i = 0; i < 200; i++) {
                out.write(LiveConsole.bytes("begun "));
                if (i % 20 == 0) {
                    console.add(Header.of(name), OptionalLong.of(10));
                }
                out.write(LiveConsole.bytes("and ended\n"));
                assertThat(peer.line()).isEqualTo("begun and ended");
            }
        }
    }

    @Test
    void restartedUnikernel_goesOn_inTheSameRing() throws Exception {
        for (int i = 0; i < 5; i++) {
            try (var out = console.unikernel(name)) {
                LiveConsole.print(out, i, i + 1);
                console.awaitLast(name, "line " + i);
            }
        }
        try (var peer = console.subscribe(name, 20)) {
            assertThat(peer.lines(5)).isEqualTo(LiveConsole.numbered(0, 5));
        }
    }

    @Test
    void maxSubscribers_isAnOption() throws Exception {
        try (var own = new LiveConsole("--max-subscribers", "1");
                var first = own.subscribe(name, 0);
                var second = own.subscribe(name, 0)) {
            first.awaitClose();
            assertThat(second.channel.isOpen()).isTrue();
        }
    }
}
