package vmm.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import vmm.core.Arguments;
import vmm.core.BlockDevice;
import vmm.core.FailBehaviour;
import vmm.core.NetDevice;
import vmm.core.image.Device;

/**
 * How a unikernel is to be deployed: every device of the manifest is bound once, nothing else is,
 * and every key has a value.
 */
public record Plan(Manifest manifest, Arguments arguments) {
    /** Says why the image does not fit this plan, or is empty if it does. */
    public Optional<String> problem(Path image) throws IOException {
        return manifest.problem(Manifest.ofElf(image)).map(why -> image + ": " + why);
    }

    /** The tender's options, for who runs it by hand. */
    public List<String> tenderArguments(Map<String, String> taps, Map<String, String> files) {
        var all = new ArrayList<String>();
        all.add("--mem=" + arguments.memoryMiB());
        for (NetDevice net : arguments.networks()) {
            all.add("--net:" + net.name() + "=" + given(taps, net.name(), "tap"));
        }
        for (BlockDevice block : arguments.blocks()) {
            all.add("--block:" + block.name() + "=" + given(files, block.name(), "file"));
        }
        return all;
    }

    private static String given(Map<String, String> all, String name, String what) {
        String value = all.get(name);
        if (value == null) {
            throw new ConfigException("the device '" + name + "' has no " + what);
        }
        return value;
    }

    /** A plan that is being made; {@link #build} says what is missing. One thread uses it. */
    public static final class Builder {
        private final Manifest manifest;
        private final List<Key<?>> keys;
        private final SequencedMap<String, Binding> bindings = new LinkedHashMap<>();
        private final Map<Key<?>, String> values = new LinkedHashMap<>();
        private final List<String> more = new ArrayList<>();
        private final Set<Long> cpus = new LinkedHashSet<>();
        private long memoryMiB = 32;
        private FailBehaviour fail = FailBehaviour.QUIT;
        private OptionalLong startup = OptionalLong.empty();
        private boolean addName = true;

        Builder(Manifest manifest, List<Key<?>> keys) {
            this.manifest = manifest;
            this.keys = keys;
        }

        /** Joins a network device to a bridge. */
        public Builder net(Dev<Kind.Network> device, Binding.Bridge bridge) {
            return bind(attached(device), bridge);
        }

        /** Joins a block device to a volume. */
        public Builder block(Dev<Kind.Block> device, Binding.Volume volume) {
            return bind(attached(device), volume);
        }

        private static String attached(Dev<?> device) {
            if (device.node() instanceof Node.Base(var base)) {
                Optional<Device> attached = base.attached();
                if (attached.isPresent()) {
                    return attached.get().name();
                }
            }
            throw new ConfigException("a device that no tender attaches cannot be bound");
        }

        /** Joins the device that has this name, for who has no object for it. */
        public Builder bind(String device, Binding binding) {
            if (bindings.putIfAbsent(device, binding) != null) {
                throw new ConfigException("the device '" + device + "' is bound twice");
            }
            return this;
        }

        /** Gives a key its value. */
        public <T> Builder set(Key<T> key, T value) {
            if (!keys.contains(key)) {
                throw new ConfigException("the project has no key '" + key.name() + "'");
            }
            if (values.putIfAbsent(key, key.argument(value)) != null) {
                throw new ConfigException("the key '" + key.name() + "' is set twice");
            }
            return this;
        }

        /** Adds arguments as they are. */
        public Builder arguments(String... added) {
            more.addAll(List.of(added));
            return this;
        }

        public Builder memory(long mebibytes) {
            memoryMiB = mebibytes;
            return this;
        }

        public Builder cpus(long... ids) {
            Arrays.stream(ids).forEach(cpus::add);
            return this;
        }

        /** Starts it again when it exits; with codes, on these alone. */
        public Builder restart(long... exitCodes) {
            var codes = new TreeSet<Long>();
            for (long code : exitCodes) {
                if (code < 0 || code > 255) {
                    throw new ConfigException("exit code " + code + ": exit codes are 0 to 255");
                }
                codes.add(code);
            }
            fail = new FailBehaviour.Restart(codes);
            return this;
        }

        /** Its place in the order of start, low first. */
        public Builder startup(long place) {
            startup = OptionalLong.of(place);
            return this;
        }

        /** Leaves {@code --name=NAME} out of its arguments. */
        public Builder withoutName() {
            addName = false;
            return this;
        }

        /**
         * The plan.
         *
         * @throws ConfigException that names what is missing or too much
         */
        public Plan build() {
            if (memoryMiB < 1) {
                throw new ConfigException(memoryMiB + " MiB: a unikernel needs memory");
            }
            var nets = new ArrayList<NetDevice>();
            var blocks = new ArrayList<BlockDevice>();
            for (Device device : manifest.devices()) {
                Binding binding = bindings.get(device.name());
                switch (device.kind()) {
                    case NET -> nets.add(bridge(device, binding).of(device.name()));
                    case BLOCK -> blocks.add(volume(device, binding).of(device.name()));
                }
            }
            for (String name : bindings.keySet()) {
                if (manifest.named(name).isEmpty()) {
                    throw new ConfigException(
                            "there is no device '"
                                    + name
                                    + "' to bind: networks are "
                                    + manifest.names(Device.Kind.NET)
                                    + ", blocks are "
                                    + manifest.names(Device.Kind.BLOCK));
                }
            }
            var argv = argv();
            var arguments =
                    new Arguments(
                            fail,
                            startup,
                            addName,
                            new TreeSet<>(cpus.isEmpty() ? Set.of(0L) : cpus),
                            memoryMiB,
                            blocks,
                            nets,
                            argv.isEmpty() ? Optional.empty() : Optional.of(argv),
                            1,
                            Optional.empty());
            return new Plan(manifest, arguments);
        }

        private static Binding.Bridge bridge(Device device, @Nullable Binding binding) {
            return switch (binding) {
                case Binding.Bridge bridge -> bridge;
                case null ->
                        throw new ConfigException(
                                "the network device '" + device.name() + "' has no bridge");
                case Binding.Volume _ ->
                        throw new ConfigException(
                                "the network device '"
                                        + device.name()
                                        + "' cannot be joined to a volume");
            };
        }

        private static Binding.Volume volume(Device device, @Nullable Binding binding) {
            return switch (binding) {
                case Binding.Volume volume -> volume;
                case null ->
                        throw new ConfigException(
                                "the block device '" + device.name() + "' has no volume");
                case Binding.Bridge _ ->
                        throw new ConfigException(
                                "the block device '"
                                        + device.name()
                                        + "' cannot be joined to a bridge");
            };
        }

        private List<String> argv() {
            var argv = new ArrayList<String>();
            for (Key<?> key : keys) {
                String told = values.get(key);
                if (told != null) {
                    argv.add(told);
                } else if (key.fallback().isEmpty()) {
                    throw new ConfigException(
                            "the key '" + key.name() + "' has no value: " + key.doc());
                }
            }
            argv.addAll(more);
            return argv;
        }
    }
}
