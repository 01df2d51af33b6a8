package vmm.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import vmm.client.files.Reason;
import vmm.config.BoundedYaml;
import vmm.core.Arguments;
import vmm.core.Policy;

/** The file of {@code vmm apply}: YAML with policies, block devices and unikernels by name. */
final class DeclarationFile {
    private static final int FILE_BYTES_MAX = 4 << 20;

    private final String shown;
    private final Path folder;

    private DeclarationFile(String shown, Path folder) {
        this.shown = shown;
        this.folder = folder;
    }

    /**
     * What the file says.
     *
     * @param file images and contents are looked for beside it; {@code -} is standard input
     */
    static Declared read(Path file) throws ClientFailure {
        boolean standardInput = file.toString().equals("-");
        String shown = standardInput ? "standard input" : file.toString();
        Path folder = standardInput ? Path.of("") : file.resolveSibling("");
        return new DeclarationFile(shown, folder).parsed(text(file, standardInput, shown));
    }

    private static String text(Path file, boolean standardInput, String shown)
            throws ClientFailure {
        if (!standardInput && !Files.isRegularFile(file)) {
            throw ClientFailure.usage("no such file: " + file);
        }
        try (InputStream in = standardInput ? System.in : Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(FILE_BYTES_MAX + 1);
            if (bytes.length > FILE_BYTES_MAX) {
                throw ClientFailure.usage(shown + " is larger than 4 MiB");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw ClientFailure.usage("cannot read " + shown + ": " + Reason.of(e));
        }
    }

    private Declared parsed(String text) throws ClientFailure {
        Optional<Node> node;
        try {
            var settings = LoadSettings.builder().setCodePointLimit(FILE_BYTES_MAX).build();
            node = BoundedYaml.document(settings, text);
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
            throw ClientFailure.usage(shown + ":" + line + ": no YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw ClientFailure.usage(shown + ": no YAML: " + e.getMessage());
        }
        return node.isEmpty()
                ? new Declared(List.of(), List.of(), List.of())
                : declared(YamlMap.of(shown, node.get()));
    }

    private Declared declared(YamlMap top) throws ClientFailure {
        var limits = new ArrayList<Declared.Limit>();
        var devices = new ArrayList<Declared.Device>();
        var unikernels = new ArrayList<Declared.Unikernel>();
        top.each(
                "policies",
                new Spelling.OfPath()::convert,
                (path, map) -> limits.add(new Declared.Limit(path, policy(map))));
        top.each(
                "blocks",
                new Spelling.OfName()::convert,
                (name, map) -> {
                    Optional<Long> size = map.number("size");
                    Optional<String> content = map.text("content");
                    long mebibytes = size.orElseThrow(() -> map.wrong("'size' is missing: in MB"));
                    devices.add(
                            new Declared.Device(
                                    name,
                                    mebibytes,
                                    content.isEmpty()
                                            ? Optional.empty()
                                            : Optional.of(beside(map, content.get()))));
                });
        top.each(
                "unikernels",
                new Spelling.OfName()::convert,
                (name, map) -> {
                    Path image = beside(map, map.required("image", "name a file"));
                    unikernels.add(new Declared.Unikernel(name, image, arguments(map)));
                });
        top.end();
        return new Declared(limits, devices, unikernels);
    }

    private Path beside(YamlMap map, String file) throws ClientFailure {
        try {
            return folder.resolve(file);
        } catch (InvalidPathException e) {
            throw map.wrong("'" + file + "' is no name of a file: " + e.getReason());
        }
    }

    private static Policy policy(YamlMap map) throws ClientFailure {
        List<Long> cpus = map.numbers("cpus");
        Optional<Long> unikernels = map.number("unikernels");
        Optional<Long> memory = map.number("memory");
        Optional<Long> block = map.number("block");
        var policy =
                Policy.of(
                        cpus.isEmpty() ? List.of(0L) : cpus,
                        unikernels.orElseThrow(
                                () -> map.wrong("'unikernels' is missing: how many may run")),
                        memory.orElse(PolicyOptions.MEMORY_MIB_DEFAULT),
                        block.map(OptionalLong::of).orElse(OptionalLong.empty()),
                        map.list("bridges", text -> text));
        Optional<String> unusable = policy.unusable();
        if (unusable.isPresent()) {
            throw map.wrong(unusable.get());
        }
        return policy;
    }

    /** The options of {@code vmm create}, under the same rules. */
    private static Arguments arguments(YamlMap map) throws ClientFailure {
        var options = new DeviceOptions();
        options.memory = map.number("memory").orElse(options.memory);
        options.cpuids = map.numbers("cpus");
        options.networks = map.list("net", new Spelling.OfNet()::convert);
        options.blocks = map.list("block", new Spelling.OfBlock()::convert);
        options.arguments = map.list("args", text -> text);
        options.restartOnFail = map.flag("restart-on-fail", false);
        options.exitCodes = map.numbers("exit-codes");
        options.startup = map.number("startup").orElse(null);
        options.noAddName = !map.flag("add-name", true);
        try {
            return options.toArguments();
        } catch (ClientFailure failure) {
            throw map.wrong(failure.line());
        }
    }
}
