package vmm.wire.supervisor;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What happened: the end of a process, or the loss of events. Absent members are null. */
public record EventData(
        String type,
        @Nullable String domain,
        @Nullable String name,
        @Nullable String cause,
        @Nullable Integer signo,
        @Nullable Integer exitStatus,
        @Nullable Long size) {
    public static final String TERMINATION = "process_termination";
    public static final String LOSS = "event_loss";
    public static final String EXITED = "exited";
    public static final String SIGNALED = "signaled";
    public static final String OOM_KILLED = "oom_killed";

    /** A frozen domain goes on, because a frame came for one of its taps (our extension). */
    public static final String THAWED = "thawed";

    public static final String TRAFFIC = "traffic";

    static final EventData EMPTY = new EventData("", null, null, null, null, null, null);

    public static EventData exited(String domain, String name, int status) {
        return new EventData(TERMINATION, domain, name, EXITED, null, status, null);
    }

    /** The kernel killed it for want of memory: seen as SIGKILL by readers of the seed. */
    public static EventData oomKilled(String domain, String name) {
        return new EventData(TERMINATION, domain, name, OOM_KILLED, 9, null, null);
    }

    public static EventData signaled(String domain, String name, int signo) {
        return new EventData(TERMINATION, domain, name, SIGNALED, signo, null, null);
    }

    /** It ended while nobody could see how: neither status nor signal is known. */
    public static EventData ended(String domain, String name) {
        return new EventData(TERMINATION, domain, name, null, null, null, null);
    }

    public static EventData thawedByTraffic(String domain) {
        return new EventData(THAWED, domain, null, TRAFFIC, null, null, null);
    }

    public static EventData lost(@Nullable String domain, long size) {
        return new EventData(LOSS, domain, null, null, null, null, size);
    }

    void write(JsonWriter to) {
        to.object().name("type").text(type).name("domain").text(domain).name("name").text(name);
        to.name("cause").text(cause).name("signo").number(signo);
        to.name("exit_status").number(exitStatus).name("size").number(size).endObject();
    }

    static EventData read(Fields from) throws JsonException {
        OptionalLong size = from.count("size");
        return new EventData(
                from.textOrEmpty("type"),
                from.text("domain").orElse(null),
                from.text("name").orElse(null),
                from.text("cause").orElse(null),
                orNull(from, "signo"),
                orNull(from, "exit_status"),
                size.isPresent() ? (Long) size.getAsLong() : null);
    }

    private static @Nullable Integer orNull(Fields from, String name) throws JsonException {
        OptionalLong value = from.whole(name);
        if (value.isEmpty()) {
            return null;
        }
        long number = value.getAsLong();
        if (number != (int) number) {
            throw new JsonException(name + " does not fit 32 bits");
        }
        return (int) number;
    }

    /** The text of Go's exec.ExitError, or empty for what is no end of a process. */
    public String text() {
        if (exitStatus != null) {
            return "exit status " + exitStatus;
        }
        return signo != null ? "signal: " + SignalNames.of(signo) : "";
    }
}
