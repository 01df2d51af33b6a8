package vmm.wire.supervisor;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A process to start in a domain.
 *
 * @param args without the program's own name
 * @param env the whole environment; empty inherits
 * @param output file or fifo for stdout and stderr (our extension)
 * @param cpus the CPUs it may run on; empty is all (our extension)
 */
public record ExecRequest(
        String name,
        String domain,
        String path,
        List<String> args,
        Optional<String> cwd,
        Optional<Map<String, String>> env,
        String topic,
        Optional<List<String>> formats,
        Optional<String> output,
        List<Long> cpus) {
    public ExecRequest {
        args = List.copyOf(args);
        env = env.map(Map::copyOf);
        formats = formats.map(List::copyOf);
        cpus = List.copyOf(cpus);
    }

    /** A process with its output in a fifo. */
    public static ExecRequest of(
            String domain,
            String name,
            String path,
            List<String> args,
            Optional<String> output,
            List<Long> cpus) {
        return new ExecRequest(
                name,
                domain,
                path,
                args,
                Optional.empty(),
                Optional.empty(),
                "",
                Optional.empty(),
                output,
                cpus);
    }

    /** The same with {@code variables} as its whole environment. */
    public ExecRequest within(Map<String, String> variables) {
        return new ExecRequest(
                name,
                domain,
                path,
                args,
                cwd,
                Optional.of(variables),
                topic,
                formats,
                output,
                cpus);
    }

    public byte[] json() {
        var to = new JsonWriter().object().name("name").text(name).name("domain").text(domain);
        to.name("path").text(path).textsUnlessEmpty("args", args);
        cwd.ifPresent(c -> to.name("cwd").text(c));
        env.ifPresent(e -> to.name("env").texts(e));
        to.name("log_config").object().name("managed").object().name("topic").text(topic);
        to.name("formats").texts(formats.orElse(null)).endObject().endObject();
        output.ifPresent(o -> to.name("output").text(o));
        if (!cpus.isEmpty()) {
            to.name("cpus").numbers(cpus);
        }
        return to.endObject().bytes();
    }

    public static ExecRequest parse(byte[] json) throws JsonException {
        Fields from = Fields.parse(json);
        Optional<Fields> log = from.object("log_config");
        Optional<Fields> managed = log.isEmpty() ? Optional.empty() : log.get().object("managed");
        return new ExecRequest(
                from.textOrEmpty("name"),
                from.textOrEmpty("domain"),
                from.textOrEmpty("path"),
                from.texts("args"),
                from.text("cwd"),
                from.textMap("env"),
                managed.isEmpty() ? "" : managed.get().textOrEmpty("topic"),
                managed.isPresent() && managed.get().has("formats")
                        ? Optional.of(managed.get().texts("formats"))
                        : Optional.empty(),
                from.text("output"),
                from.counts("cpus"));
    }
}
