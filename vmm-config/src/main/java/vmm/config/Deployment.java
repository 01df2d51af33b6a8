package vmm.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import vmm.core.BlockDevice;
import vmm.core.FailBehaviour;
import vmm.core.Name;
import vmm.core.NetDevice;

/**
 * A plan for one unikernel.
 *
 * @param image relative to the configuration's folder
 */
public record Deployment(Name name, Plan plan, Path image) {
    public Deployment {
        if (name.isPath()) {
            throw new ConfigException(name + " is a path: a unikernel's name ends in a label");
        }
        Optional<String> why = name.fileProblem();
        if (why.isPresent()) {
            throw new ConfigException(why.get());
        }
    }

    /** The image, checked against the plan. */
    public Path checkedImage(Path root) throws IOException {
        Path file = root.resolve(image);
        Optional<String> why = plan.problem(file);
        if (why.isPresent()) {
            throw new ConfigException(why.get());
        }
        return file;
    }

    /** This deployment with another image. */
    public Deployment withImage(Path other) {
        return new Deployment(name, plan, other);
    }

    /** One unikernel as {@code vmm apply} reads it. */
    public String yaml() {
        var arguments = plan.arguments();
        var out = new StringBuilder("unikernels:\n");
        out.append("  ").append(text(name.toString())).append(":\n");
        line(out, "image", text(image.toString()));
        line(out, "memory", String.valueOf(arguments.memoryMiB()));
        line(out, "cpus", arguments.cpuids().toString());
        list(out, "net", arguments.networks().stream().map(Deployment::net).toList());
        list(out, "block", arguments.blocks().stream().map(Deployment::block).toList());
        list(out, "args", arguments.argvOrEmpty());
        switch (arguments.fail()) {
            case FailBehaviour.Quit() -> {}
            case FailBehaviour.Restart(var codes) -> {
                line(out, "restart-on-fail", "true");
                if (!codes.isEmpty()) {
                    line(out, "exit-codes", codes.toString());
                }
            }
        }
        arguments.startup().ifPresent(n -> line(out, "startup", String.valueOf(n)));
        if (!arguments.addName()) {
            line(out, "add-name", "false");
        }
        return out.toString();
    }

    private static void line(StringBuilder out, String key, String value) {
        out.append("    ").append(key).append(": ").append(value).append('\n');
    }

    private static void list(StringBuilder out, String key, List<String> items) {
        if (!items.isEmpty()) {
            line(
                    out,
                    key,
                    "[" + String.join(", ", items.stream().map(Deployment::text).toList()) + "]");
        }
    }

    private static String net(NetDevice net) {
        return net.name() + ":" + net.hostBridge() + net.mac().map(mac -> "@" + mac).orElse("");
    }

    private static String block(BlockDevice block) {
        OptionalLong bytes = block.sectorSize();
        return block.name()
                + ":"
                + block.hostDevice()
                + (bytes.isPresent() ? "@" + bytes.getAsLong() : "");
    }

    /** A YAML scalar in double quotes. */
    private static String text(String value) {
        var out = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || c == 127) {
                out.append("\\x%02x".formatted((int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
