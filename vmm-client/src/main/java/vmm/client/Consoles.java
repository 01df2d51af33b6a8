package vmm.client;

import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
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

    /** The wire has no mark where the history ends: after a pause, or at a line newer than this. */
    private static final long QUIET_MILLIS = 250;

    private Consoles() {}

    @Command(name = "console", description = "Show what a unikernel prints, until interrupted.")
    static final class Show implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();

        @Parameters(index = "0", paramLabel = "UNIKERNEL-NAME", converter = Spelling.OfName.class)
        Name name = Name.ROOT;

        @Option(names = "--count", description = "lines of the past (default: 20)")
        long count = 20;

        @Option(
                names = "--since",
                paramLabel = "TIME",
                converter = Spelling.OfTime.class,
                description = "all lines from this time on, as 2026-03-12T23:42:15Z or 2026-03-12")
        @Nullable Instant since;

        @Option(names = "--no-follow", description = "show the past alone")
        boolean noFollow;

        Show(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            var desk = new Desk(terminal, common);
            History history = since == null ? new History.Count(count) : new History.Since(since);
            var request =
                    desk.request(name, new ConsoleSubscribe(common.release.utcConsole(), history));
            if (common.printsRequest()) {
                return desk.print(request);
            }
            try (Conversation talk = desk.open(DAEMON)) {
                Instant asked = Instant.now();
                talk.ask(request);
                if (Desk.success(talk.answer()) instanceof Success.Text(var text)
                        && !common.isQuiet()) {
                    terminal.say("vmm: " + text);
                }
                return noFollow ? past(talk, asked) : follow(talk);
            }
        }

        private int follow(Conversation talk) throws ClientFailure {
            for (var next = talk.next(); next.isPresent(); next = talk.next()) {
                line(next.get());
                terminal.out().flush();
            }
            throw ClientFailure.communication(
                    "vmm-console closed the connection; ask again to see what follows");
        }

        private int past(Conversation talk, Instant asked) throws ClientFailure {
            var heard = new Semaphore(1);
            Thread watch = Thread.ofVirtual().start(() -> stopWhenQuiet(talk, heard));
            try {
                for (var next = talk.next(); next.isPresent(); next = talk.next()) {
                    heard.release();
                    if (isAfter(next.get(), asked)) {
                        break;
                    }
                    line(next.get());
                }
            } finally {
                watch.interrupt();
            }
            return ExitCode.OK;
        }

        private static boolean isAfter(Message message, Instant asked) {
            return message.payload() instanceof Payload.Told(Data.ConsoleLine(_, var time, _))
                    && time.isAfter(asked);
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

        private void line(Message message) throws ClientFailure {
            switch (message.payload()) {
                case Payload.Told(Data.ConsoleLine(_, var time, var line)) ->
                        print(message.header().name(), Render.time(time), line);
                case Payload.Failed(var why) -> throw ClientFailure.remote(why);
                case Payload.Done _ -> {}
                case Payload.Told _, Payload.Asked _ -> throw Desk.unexpected();
            }
        }

        private void print(Name from, String time, String line) {
            if (common.format == SharedOptions.Format.json) {
                terminal.out().print(Json.line(from, time, line));
            } else if (common.isQuiet()) {
                terminal.out().println(Visible.text(line));
            } else if (common.coloured(terminal)) {
                terminal.out().println("\033[2m" + time + "\033[0m " + Visible.text(line));
            } else {
                terminal.out().println(time + " " + Visible.text(line));
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
