package vmm.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;
import vmm.core.Name;
import vmm.core.Sample;
import vmm.wire.Command.StatsAdd;
import vmm.wire.Command.StatsRemove;
import vmm.wire.Command.StatsSubscribe;
import vmm.wire.Command.Tap;
import vmm.wire.Data;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.Success;

/** The commands about what unikernels use. */
final class Statistics {
    static final String DAEMON = "stat";
    static final long PAGE_BYTES = 4096;

    private Statistics() {}

    @Command(name = "stats", description = "Show what unikernels use, until interrupted.")
    static final class Show implements Callable<Integer> {
        private static final String FORM = "%-24s %8s %8s %10s %10s %10s %10s%n";
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();

        @Option(
                names = {"-n", "--name"},
                converter = Spelling.OfName.class,
                description = "one unikernel, or a path ending in a colon (default: all)")
        Name name = Name.ROOT;

        @Option(names = "--samples", paramLabel = "N", description = "end after so many")
        long samples = Long.MAX_VALUE;

        Show(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            var desk = new Desk(terminal, common);
            Message request = desk.request(name, new StatsSubscribe());
            if (common.printsRequest()) {
                return desk.print(request);
            }
            try (Conversation talk = desk.open(DAEMON)) {
                talk.ask(request);
                greet(Desk.success(talk.answer()));
                for (long shown = 0; shown < samples; shown++) {
                    var next = talk.next();
                    if (next.isEmpty()) {
                        throw talk.ended();
                    }
                    show(next.get());
                    terminal.out().flush();
                }
            }
            return ExitCode.OK;
        }

        private void greet(Success success) {
            if (success instanceof Success.Text(var text) && !common.isQuiet()) {
                terminal.say("vmm: " + text);
            }
            if (common.format == SharedOptions.Format.table && !common.isQuiet()) {
                terminal.out()
                        .printf(
                                FORM,
                                "NAME",
                                "USER",
                                "SYSTEM",
                                "RSS",
                                "FAULTS",
                                "SENT",
                                "RECEIVED");
                terminal.out().flush();
            }
        }

        private void show(Message message) throws ClientFailure {
            switch (message.payload()) {
                case Payload.Told(Data.Statistics(var sample)) ->
                        print(message.header().name(), sample);
                case Payload.Failed(var why) -> throw ClientFailure.remote(why);
                case Payload.Done _ -> {}
                case Payload.Told _, Payload.Asked _ -> throw Desk.unexpected();
            }
        }

        private void print(Name from, Sample sample) {
            // Names come relative to what was asked for.
            Name whole =
                    name.isPath() ? new Name(name.path().resolve(from.path()), from.label()) : name;
            if (common.format == SharedOptions.Format.json) {
                terminal.out().print(Samples.json(whole, sample));
                return;
            }
            var use = sample.use();
            // A tap's input is what the unikernel sent.
            long in = sample.interfaces().stream().mapToLong(Sample.Interface::inputBytes).sum();
            long out = sample.interfaces().stream().mapToLong(Sample.Interface::outputBytes).sum();
            terminal.out()
                    .printf(
                            FORM,
                            Visible.text(whole.toString()),
                            seconds(use.utime()),
                            seconds(use.stime()),
                            sample.memory().map(m -> Units.bytes(m.rss() * PAGE_BYTES)).orElse("-"),
                            Long.toUnsignedString(use.minflt() + use.majflt()),
                            Units.bytes(in),
                            Units.bytes(out));
        }

        private static String seconds(Sample.Time time) {
            return String.format(
                    Locale.ROOT, "%d.%02ds", time.seconds(), time.microseconds() / 10_000);
        }
    }

    @Command(name = "stats-add", description = "Tell vmm-stats of a process to watch.")
    static final class Add implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();

        @Parameters(index = "0", paramLabel = "PID", description = "the tender's process")
        long pid;

        @Option(
                names = {"-n", "--name"},
                converter = Spelling.OfName.class,
                description = "the unikernel")
        Name name = Name.ROOT;

        @Option(names = "--vmmdev", description = "the hypervisor's device (default: none)")
        String device = "";

        @Option(
                names = "--bridge",
                paramLabel = "bridge:tap",
                converter = OfTap.class,
                description = "a network device to watch, may be repeated")
        List<Tap> taps = new ArrayList<>();

        Add(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            if (pid <= 0) {
                throw ClientFailure.usage(pid + " is no process id");
            }
            var desk = new Desk(terminal, common);
            return desk.ask(DAEMON, name, new StatsAdd(device, pid, taps), desk::show);
        }
    }

    @Command(name = "stats-remove", description = "Tell vmm-stats not to watch it any longer.")
    static final class Remove implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();

        @Option(
                names = {"-n", "--name"},
                converter = Spelling.OfName.class,
                description = "the unikernel")
        Name name = Name.ROOT;

        Remove(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            var desk = new Desk(terminal, common);
            return desk.ask(DAEMON, name, new StatsRemove(), desk::show);
        }
    }

    /** {@code bridge:tap}. */
    static final class OfTap implements ITypeConverter<Tap> {
        @Override
        public Tap convert(String text) {
            int colon = text.indexOf(':');
            if (colon <= 0 || colon == text.length() - 1) {
                throw new TypeConversionException("'" + text + "' is not of the form bridge:tap");
            }
            return new Tap(text.substring(0, colon), text.substring(colon + 1));
        }
    }
}
