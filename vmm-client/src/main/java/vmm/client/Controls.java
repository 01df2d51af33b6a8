package vmm.client;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.JsonNode;
import vmm.core.Name;
import vmm.wire.supervisor.ConfigureRequest.CgroupProfile;
import vmm.wire.supervisor.DomainRequest;
import vmm.wire.supervisor.FreezeRequest;
import vmm.wire.supervisor.LimitsRequest;

/** The commands that albatross has not: they go to vmmd's control socket. */
final class Controls {
    private static final double PERCENT = 100;
    private static final long MEBI = 1L << 20;

    private Controls() {}

    /** What pause and resume share. */
    abstract static class Switch implements Callable<Integer> {
        private final Terminal terminal;
        private final String verb;
        @Mixin SharedOptions common = new SharedOptions();

        @Parameters(index = "0", paramLabel = "UNIKERNEL-NAME", converter = Spelling.OfName.class)
        Name name = Name.ROOT;

        Switch(Terminal terminal, String verb) {
            this.terminal = terminal;
            this.verb = verb;
        }

        byte[] request() {
            return new DomainRequest(name.toString()).json();
        }

        @Override
        public Integer call() throws ClientFailure {
            try (ControlLink link = ControlLink.open(terminal, common)) {
                link.post("/" + verb, request());
            }
            if (!common.isQuiet()) {
                terminal.out().println(verb + "d unikernel");
            }
            return ExitCode.OK;
        }
    }

    @Command(
            name = "pause",
            description = "Stop a unikernel's processor where it is, until it is resumed.")
    static final class Pause extends Switch {
        @Option(names = "--until-traffic", description = "a frame for it lets it go on")
        boolean untilTraffic;

        Pause(Terminal terminal) {
            super(terminal, "pause");
        }

        @Override
        byte[] request() {
            return new FreezeRequest(name.toString(), untilTraffic).json();
        }
    }

    @Command(name = "resume", description = "Let a paused unikernel go on.")
    static final class Resume extends Switch {
        Resume(Terminal terminal) {
            super(terminal, "resume");
        }
    }

    @Command(
            name = "limits",
            description = "Show or change what a unikernel may use at most, while it runs.")
    static final class Limits implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();

        @Parameters(index = "0", paramLabel = "UNIKERNEL-NAME", converter = Spelling.OfName.class)
        Name name = Name.ROOT;

        @Option(
                names = "--cpu",
                paramLabel = "SHARE",
                converter = OfShare.class,
                description = "of CPUs, as 0.5 or 50%%; none for no limit")
        @Nullable Double cpus;

        @Option(
                names = "--memory",
                paramLabel = "MB",
                converter = OfMemory.class,
                description = "of the guest and its tender together; none for no limit")
        @Nullable Long bytes;

        @Option(
                names = "--pause-when-idle",
                paramLabel = "SECONDS",
                converter = OfSeconds.class,
                description =
                        "pause it after so long without traffic, until there is some; none for"
                                + " never")
        @Nullable Long idle;

        @Option(
                names = "--io-read",
                paramLabel = "MB",
                converter = OfMemory.class,
                description = "a second, from each disk of the host; none for no limit")
        @Nullable Long read;

        @Option(
                names = "--io-write",
                paramLabel = "MB",
                converter = OfMemory.class,
                description = "a second, to each disk of the host; none for no limit")
        @Nullable Long write;

        private static final String READ = "io_read_bytes_per_second";
        private static final String WRITE = "io_write_bytes_per_second";

        Limits(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            try (ControlLink link = ControlLink.open(terminal, common)) {
                JsonNode now = unikernel(link);
                if (cpus == null
                        && bytes == null
                        && idle == null
                        && read == null
                        && write == null) {
                    show(now);
                    return ExitCode.OK;
                }
                var wanted =
                        new LimitsRequest(
                                name.toString(),
                                new CgroupProfile(
                                        cpus == null ? now.path("cpu_limit").asDouble() : cpus,
                                        orNow(bytes, now, "memory_limit_bytes"),
                                        orNow(read, now, READ),
                                        orNow(write, now, WRITE)));
                long seconds = orNow(idle, now, "idle_seconds");
                link.post("/limits?idle=" + seconds, wanted.json());
            }
            if (!common.isQuiet()) {
                terminal.out().println("changed limits");
            }
            return ExitCode.OK;
        }

        private static long orNow(@Nullable Long given, JsonNode now, String member) {
            return given == null ? now.path(member).asLong() : given;
        }

        private JsonNode unikernel(ControlLink link) throws ClientFailure {
            for (JsonNode one : link.get("/unikernels").path("unikernels")) {
                if (one.path("name").asString("").equals(name.toString())) {
                    return one;
                }
            }
            throw ClientFailure.remote(name + " is no unikernel here: see vmm info");
        }

        private void show(JsonNode now) {
            double share = now.path("cpu_limit").asDouble();
            long memory = now.path("memory_limit_bytes").asLong();
            long seconds = now.path("idle_seconds").asLong();
            if (common.format == SharedOptions.Format.json) {
                terminal.out().println(now);
                return;
            }
            var table =
                    new Table(
                            "NAME",
                            "STATE",
                            ">CPUS",
                            ">MEMORY",
                            ">READ",
                            ">WRITE",
                            ">PAUSED AFTER");
            table.row(
                    name.toString(),
                    now.path("state").asString("-"),
                    share == 0 ? "unlimited" : String.format(Locale.ROOT, "%.2f", share),
                    memory == 0 ? "unlimited" : Units.bytes(memory),
                    perSecond(now, READ),
                    perSecond(now, WRITE),
                    seconds == 0 ? "never" : seconds + " s");
            table.print(terminal, common);
        }

        private static String perSecond(JsonNode now, String member) {
            long bytes = now.path(member).asLong();
            return bytes == 0 ? "unlimited" : Units.bytes(bytes) + "/s";
        }
    }

    @Command(name = "events", description = "Show what happened to unikernels and policies.")
    static final class Events implements Callable<Integer> {
        private final Terminal terminal;
        @Mixin SharedOptions common = new SharedOptions();

        @Option(
                names = {"-n", "--name"},
                converter = Spelling.OfName.class,
                description = "of one unikernel, or below a path ending in a colon (default: all)")
        Name name = Name.ROOT;

        @Option(
                names = {"-f", "--follow"},
                description = "go on until interrupted")
        boolean follow;

        @Option(
                names = "--since",
                paramLabel = "NUMBER",
                description = "those after the one of this number (default: all that are kept)")
        long since;

        private long last;

        Events(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            if (since < 0) {
                throw ClientFailure.usage("--since is the number of an event");
            }
            last = since;
            try (ControlLink link = ControlLink.open(terminal, common)) {
                link.events(
                        "/events?since=" + since + "&follow=" + (follow ? "yes" : "no"),
                        this::show);
            } catch (ClientFailure e) {
                throw last > since ? e.then(goOn()) : e;
            }
            if (follow && !terminal.out().checkError()) {
                throw ClientFailure.communication("vmmd ended the stream of events").then(goOn());
            }
            return ExitCode.OK;
        }

        private String goOn() {
            return "go on with --since " + last;
        }

        private boolean show(String line, JsonNode event) {
            last = event.path("sequence").asLong(last);
            String of = event.path("name").asString("");
            if (!of.isEmpty() && !isMeant(of)) {
                return true;
            }
            if (common.format == SharedOptions.Format.json) {
                terminal.out().println(line);
            } else {
                terminal.out()
                        .println(
                                Visible.text(
                                        String.format(
                                                        "%s %s %-14s %s  %s",
                                                        event.path("sequence").asLong(),
                                                        time(event.path("time").asString("-")),
                                                        event.path("event").asString(""),
                                                        of,
                                                        event.path("detail").asString(""))
                                                .stripTrailing()));
            }
            if (follow) {
                terminal.out().flush();
            }
            return !terminal.out().checkError();
        }

        private static String time(String text) {
            try {
                return Render.time(Instant.parse(text));
            } catch (DateTimeParseException _) {
                return text;
            }
        }

        private boolean isMeant(String of) {
            return Name.problem(of).isEmpty()
                    && (name.isPath()
                            ? name.path().contains(Name.parse(of).path())
                            : name.toString().equals(of));
        }
    }

    /** {@code 0.5, 50%, none}. */
    static final class OfShare implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
            if (text.equals("none")) {
                return 0.0;
            }
            try {
                double share =
                        text.endsWith("%")
                                ? Double.parseDouble(text.substring(0, text.length() - 1)) / PERCENT
                                : Double.parseDouble(text);
                if (share > 0 && share < Double.POSITIVE_INFINITY) {
                    return share;
                }
            } catch (NumberFormatException e) {
                // Told below.
            }
            throw new TypeConversionException(
                    "'" + text + "' is no share of CPUs: 0.5, 50% or none");
        }
    }

    /** {@code 30, none}. */
    static final class OfSeconds implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            if (text.equals("none")) {
                return 0L;
            }
            if (text.matches("[1-9][0-9]{0,8}")) {
                return Long.parseLong(text);
            }
            throw new TypeConversionException("'" + text + "' is no number of seconds: 30 or none");
        }
    }

    /** {@code 64, none}. */
    static final class OfMemory implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            if (text.equals("none")) {
                return 0L;
            }
            if (text.matches("[1-9][0-9]{0,8}")) {
                return Long.parseLong(text) * MEBI;
            }
            throw new TypeConversionException("'" + text + "' is no amount of MB: 64 or none");
        }
    }
}
