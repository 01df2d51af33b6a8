package vmm.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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

    /** One unikernel as {@code vmm apply} reads it. */
    public String yaml() {
        var out = new StringBuilder("unikernels:\n");
        var arguments = plan.arguments();
        out.append("  - name: ").append(text(name.toString())).append('\n');
        out.append("    image: ").append(text(image.toString())).append('\n');
        out.append("    memory: ").append(arguments.memoryMiB()).append('\n');
        out.append("    cpus: ").append(arguments.cpuids()).append('\n');
        list(out, "networks", arguments.networks().stream().map(Deployment::net).toList());
        list(out, "blocks", arguments.blocks().stream().map(Deployment::block).toList());
        list(out, "arguments", arguments.argvOrEmpty().stream().map(Deployment::text).toList());
        switch (arguments.fail()) {
            case FailBehaviour.Quit() -> {}
            case FailBehaviour.Restart(var codes) ->
                    out.append("    restart: ").append(codes).append('\n');
        }
        arguments.startup().ifPresent(n -> out.append("    startup: ").append(n).append('\n'));
        if (!arguments.addName()) {
            out.append("    add-name: false\n");
        }
        return out.toString();
    }

    private static void list(StringBuilder out, String key, List<String> items) {
        if (!items.isEmpty()) {
            out.append("    ").append(key).append(":\n");
            items.forEach(item -> out.append("      - ").append(item).append('\n'));
        }
    }

    private static String net(NetDevice net) {
        String mac = net.mac().map(m -> ", mac: " + text(m.toString())).orElse("");
        return "{name: " + text(net.name()) + ", bridge: " + text(net.hostBridge()) + mac + "}";
    }

    private static String block(BlockDevice block) {
        String sectors =
                block.sectorSize().isPresent()
                        ? ", sector-size: " + block.sectorSize().getAsLong()
                        : "";
        return "{name: "
                + text(block.name())
                + ", device: "
                + text(block.hostDevice())
                + sectors
                + "}";
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
