package vmm.vmmd.host;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.core.Arguments;
import vmm.core.BlockDevice;
import vmm.core.Bytes;
import vmm.core.MacAddress;
import vmm.core.Name;
import vmm.core.NetDevice;
import vmm.core.Text;
import vmm.core.image.Device;
import vmm.core.image.ImageReader;
import vmm.core.image.ImageResult;
import vmm.core.image.SoloImage;
import vmm.core.image.Target;
import vmm.os.Fifos;
import vmm.vmmd.core.Unikernel.Run;
import vmm.vmmd.core.Unikernel.Spec;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.ExecResponse;

/** Starts unikernels and puts away what they had (BEHAVIOUR 6). Any thread. */
public final class Launcher {
    private static final Logger LOG = LogManager.getLogger(Launcher.class);
    private static final int FIFO_MODE = 0660;

    private final ImageStore images;
    private final Tenders tenders;
    private final SupervisorLink supervisor;
    private final ConsoleLink console;
    private final Path fifos;
    private final Path blocks;
    private final Confiner confiner;

    /** What is being made ready, or is, and was not yet launched or put away. */
    private final ConcurrentHashMap<Name, FutureTask<Ready>> ready = new ConcurrentHashMap<>();

    private record Ready(Tenders.Found tender, Map<String, String> taps) {}

    public Launcher(
            ImageStore images,
            Tenders tenders,
            SupervisorLink supervisor,
            ConsoleLink console,
            Path fifos,
            Path blocks,
            Confiner.When confine) {
        this.images = images;
        this.tenders = tenders;
        this.supervisor = supervisor;
        this.console = console;
        this.fifos = fifos;
        this.blocks = blocks;
        confiner = new Confiner(confine, supervisor, blocks);
    }

    /** A tender of an earlier vmmd runs on. */
    public void know(Name name, long pid) throws IOException {
        confiner.know(name, pid);
    }

    /** Stores an image and gives its digest. */
    public Bytes store(boolean compressed, Bytes image) throws IOException {
        return images.store(compressed, image);
    }

    /** Says why {@code spec} cannot be started here, or is empty if it can. */
    public Optional<String> problem(Spec spec) throws IOException {
        SoloImage image = image(spec.digest());
        tenders.find(image);
        return problem(image, spec.arguments());
    }

    private static Optional<String> problem(SoloImage image, Arguments arguments) {
        return devices(
                        image,
                        Device.Kind.NET,
                        arguments.networks().stream().map(NetDevice::name).toList())
                .or(
                        () ->
                                devices(
                                        image,
                                        Device.Kind.BLOCK,
                                        arguments.blocks().stream()
                                                .map(BlockDevice::name)
                                                .toList()))
                .or(() -> image.problem(arguments.memoryMiB() << 20))
                .or(
                        () ->
                                arguments.networks().stream()
                                        .map(NetDevice::hostBridge)
                                        .filter(b -> !HostFacts.hasBridge(b))
                                        .findFirst()
                                        .map(b -> "bridge " + b + " does not exist: make it first"))
                .or(
                        () ->
                                arguments.argvOrEmpty().stream()
                                                .anyMatch(
                                                        a ->
                                                                !Text.isUtf8(a)
                                                                        || a.indexOf('\0') >= 0)
                                        ? Optional.of("an argument is not UTF-8")
                                        : Optional.empty());
    }

    private SoloImage image(Bytes digest) throws IOException {
        try (FileChannel file = FileChannel.open(images.path(digest), StandardOpenOption.READ)) {
            return switch (ImageReader.read(file)) {
                case ImageResult.Refused(var why) ->
                        throw new IOException("the image cannot be used: " + why);
                case ImageResult.Of(var image) -> {
                    if (image.target() != Target.HVT && image.target() != Target.SPT) {
                        throw new IOException(
                                "the image is for "
                                        + image.target()
                                        + ", only hvt and spt images can be run");
                    }
                    yield image;
                }
            };
        }
    }

    private static Optional<String> devices(SoloImage image, Device.Kind kind, List<String> given) {
        var declared = new TreeSet<String>();
        image.devices().stream().filter(d -> d.kind() == kind).forEach(d -> declared.add(d.name()));
        var asked = new TreeSet<>(given);
        String what = kind == Device.Kind.NET ? "network" : "block";
        if (asked.size() != given.size()) {
            return Optional.of("a " + what + " device is given twice");
        }
        return asked.equals(declared)
                ? Optional.empty()
                : Optional.of(
                        "the image's manifest declares the "
                                + what
                                + " devices "
                                + declared
                                + ", given were "
                                + asked);
    }

    /** Whoever launches or cleans {@code name} from now on waits for {@link #makeReady}. */
    public void announce(Name name, Spec spec, long rings) {
        ready.put(name, new FutureTask<>(() -> ground(name, spec, rings)));
    }

    /** Makes what was announced, unless it was launched or put away meanwhile. */
    public void makeReady(Name name) {
        FutureTask<Ready> task = ready.get(name);
        if (task != null) {
            task.run();
        }
    }

    /** Everything but the process. */
    private Ready ground(Name name, Spec spec, long rings) throws IOException {
        if (!images.isIntact(spec.digest())) {
            throw new IOException("the stored image is damaged: create it anew");
        }
        SoloImage image = image(spec.digest());
        Optional<String> why = problem(image, spec.arguments());
        if (why.isPresent()) {
            throw new IOException(why.get());
        }
        Path fifo = fifos.resolve(name.toString());
        Files.deleteIfExists(fifo);
        Fifos.make(fifo, FIFO_MODE);
        console.add(name, rings);
        var networks = new ArrayList<ConfigureRequest.Network>();
        for (NetDevice net : spec.arguments().networks()) {
            networks.add(new ConfigureRequest.Network(net.name(), net.hostBridge()));
        }
        Tenders.Found tender = tenders.find(image);
        Path file = images.path(spec.digest());
        return new Ready(
                tender, supervisor.start(confiner.domain(name, spec, networks, tender, file)));
    }

    /** Everything up to the process; what a failed step leaves is put away. */
    public Run launch(Name name, Spec spec, boolean named, long rings) throws IOException {
        boolean started = false;
        try {
            FutureTask<Ready> announced = ready.remove(name);
            Ready made = announced == null ? ground(name, spec, rings) : ended(announced);
            ExecResponse process =
                    supervisor.exec(
                            name,
                            made.tender().program(),
                            arguments(name, spec, named, made.taps()),
                            fifos.resolve(name.toString()),
                            List.copyOf(spec.arguments().cpuids()));
            started = true;
            return new Run(process.pid(), process.startMillis(), made.taps(), named);
        } finally {
            if (!started) {
                clean(name);
            }
        }
    }

    /** Its result; whoever comes first does it. */
    private static Ready ended(FutureTask<Ready> task) throws IOException {
        task.run();
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failed) {
                throw failed;
            }
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while it was made ready", e);
        }
    }

    private List<String> arguments(Name name, Spec spec, boolean named, Map<String, String> taps) {
        Arguments a = spec.arguments();
        var line = new ArrayList<String>();
        line.add("--mem=" + a.memoryMiB());
        for (NetDevice net : a.networks()) {
            MacAddress mac = net.mac().orElse(MacAddress.derived(net.name(), name));
            line.add("--net:" + net.name() + "=" + taps.get(net.name()));
            line.add("--net-mac:" + net.name() + "=" + mac);
        }
        for (BlockDevice block : a.blocks()) {
            Name device = name.sibling(vmm.core.Label.of(block.hostDevice()));
            line.add("--block:" + block.name() + "=" + blocks.resolve(device.toString()));
            block.sectorSize()
                    .ifPresent(
                            size -> line.add("--block-sector-size:" + block.name() + "=" + size));
        }
        line.add("--");
        line.add(images.path(spec.digest()).toString());
        if (named) {
            line.add("--name=" + name.label().map(vmm.core.Label::text).orElse(""));
        }
        line.addAll(a.argvOrEmpty());
        return line;
    }

    /** New ceilings for what runs: {@code spec} has them. */
    public void limit(Name name, Spec spec) throws IOException {
        Tenders.Found tender = tenders.find(image(spec.digest()));
        supervisor.limit(name, confiner.limits(name, spec, tender));
    }

    /** Stops the domain, removes its taps and the fifo. What cannot be done is logged. */
    public void clean(Name name) {
        FutureTask<Ready> announced = ready.remove(name);
        if (announced != null) {
            try {
                ended(announced);
            } catch (IOException e) {
                LOG.debug("{} did not become ready: {}", name, e.getMessage());
            }
        }
        console.remove(name);
        try {
            supervisor.remove(name.toString());
        } catch (IOException e) {
            LOG.error("could not put away {}: {}", name, e.getMessage());
        }
        try {
            Files.deleteIfExists(fifos.resolve(name.toString()));
        } catch (IOException e) {
            LOG.error("could not remove the fifo of {}: {}", name, e.getMessage());
        }
        confiner.release(name);
    }
}
