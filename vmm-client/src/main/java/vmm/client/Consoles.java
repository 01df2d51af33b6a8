package vmm.client;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import vmm.core.Name;
import vmm.core.Path;
import vmm.wire.Command.ConsoleListInactive;
import vmm.wire.Command.ConsoleSubscribe;
import vmm.wire.Command.History;
import vmm.wire.Data;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.Success;

/** The commands about what unikernels print. */
final class Consoles {
    private static final String DAEMON = "console";

    /** Where the end of questions cannot be told, the history ends with a pause. */
    private static final long QUIET_MILLIS = 250;

    private Consoles() {}

    @Command(name = "console", description = "Show what unikernels print, until interrupted.")
    static final class Show implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();

        @Parameters(
                index = "0..*",
                arity = "1..*",
                paramLabel = "UNIKERNEL-NAME",
                converter = Spelling.OfName.class,
                description = "several are shown together, each line with its name before it")
        List<Name> names = List.of();

        @Option(names = "--count", description = "lines of the past (default: 20)")
        long count = 20;

        @Option(
                names = "--since",
                paramLabel = "TIME",
                converter = Spelling.OfTime.class,
                description = "all lines from this time on, as 2026-03-12T23:42:15Z or 2026-03-12")
        @Nullable Instant since;

        @Option(
                names = {"-f", "--follow"},
                description = "go on with what comes (default)")
        boolean follow;

        @Option(names = "--no-follow", description = "show the past alone")
        boolean noFollow;

        Show(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            if (follow && noFollow) {
                throw ClientFailure.usage("--follow and --no-follow exclude each other");
            }
            if (count < 0) {
                throw ClientFailure.usage("--count is a number of lines, 0 or more");
            }
            var desk = new Desk(terminal, common);
            History history = since == null ? new History.Count(count) : new History.Since(since);
            var command = new ConsoleSubscribe(common.release.utcConsole(), history);
            if (common.printsRequest()) {
                return desk.print(desk.request(names.getFirst(), command));
            }
            List<Name> all = names.stream().distinct().toList();
            var lines = new ConsoleLines(terminal, common, all);
            return all.size() == 1
                    ? listen(desk, all.getFirst(), command, lines)
                    : together(desk, all, command, lines);
        }

        /** All at once; that one cannot be heard does not silence the others. */
        private int together(
                Desk desk, List<Name> all, ConsoleSubscribe command, ConsoleLines lines) {
            var worst = new AtomicInteger();
            List<Thread> ears =
                    all.stream()
                            .map(
                                    name ->
                                            Thread.ofVirtual()
                                                    .start(
                                                            () ->
                                                                    worst.accumulateAndGet(
                                                                            tried(
                                                                                    desk, name,
                                                                                    command, lines),
                                                                            Math::max)))
                            .toList();
            try {
                for (Thread ear : ears) {
                    ear.join();
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            return worst.get();
        }

        private int tried(Desk desk, Name name, ConsoleSubscribe command, ConsoleLines lines) {
            try {
                return listen(desk, name, command, lines);
            } catch (ClientFailure failure) {
                lines.say(name, failure.line());
                return failure.exit();
            }
        }

        private int listen(Desk desk, Name name, ConsoleSubscribe command, ConsoleLines lines)
                throws ClientFailure {
            try (Conversation talk = desk.open(DAEMON)) {
                talk.ask(desk.request(name, command));
                Success success = Desk.success(talk.answer());
                Instant answered = Instant.now();
                long most = since == null ? count : Long.MAX_VALUE;
                if (success instanceof Success.Text(var text) && !common.isQuiet()) {
                    lines.say(name, text);
                }
                return noFollow ? past(talk, answered, lines, most) : follow(talk, lines);
            }
        }

        private static int follow(Conversation talk, ConsoleLines lines) throws ClientFailure {
            for (var next = talk.next(); next.isPresent(); next = talk.next()) {
                lines.show(next.get());
            }
            throw talk.ended();
        }

        private static int past(Conversation talk, Instant answered, ConsoleLines lines, long most)
                throws ClientFailure {
            var heard = new Semaphore(1);
            Optional<Thread> watch =
                    talk.endQuestions()
                            ? Optional.empty()
                            : Optional.of(
                                    Thread.ofVirtual().start(() -> stopWhenQuiet(talk, heard)));
            try {
                for (long shown = 0; shown < most; shown++) {
                    Optional<Message> next = talk.next();
                    heard.release();
                    if (next.isEmpty() || isAfter(next.get(), answered)) {
                        break;
                    }
                    lines.show(next.get());
                }
            } finally {
                watch.ifPresent(Thread::interrupt);
            }
            return ExitCode.OK;
        }

        private static boolean isAfter(Message message, Instant moment) {
            return message.payload() instanceof Payload.Told(Data.ConsoleLine(_, var time, _))
                    && time.isAfter(moment);
        }

        private static void stopWhenQuiet(Conversation talk, Semaphore heard) {
            try {
                while (heard.tryAcquire(QUIET_MILLIS, TimeUnit.MILLISECONDS)) {
                    heard.drainPermits();
                }
                talk.stopListening();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Command(
            name = "inactive-consoles",
            description = "Show whose lines are still kept though they have ended.")
    static final class Inactive implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();

        @Option(
                names = {"-p", "--path"},
                converter = Spelling.OfPath.class,
                description = "path to start from (default: the root)")
        Path path = Path.ROOT;

        Inactive(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            var desk = new Desk(terminal, common);
            return desk.ask(DAEMON, Name.of(path), new ConsoleListInactive(), desk::show);
        }
    }
}
