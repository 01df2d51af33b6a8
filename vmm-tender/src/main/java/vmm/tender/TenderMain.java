package vmm.tender;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import vmm.core.image.ImageReader;
import vmm.core.image.ImageResult;
import vmm.core.image.SoloImage;
import vmm.core.image.Target;

/** The program vmm-tender: runs one hvt unikernel, with the face of solo5-hvt. */
public final class TenderMain {
    private static final int STATUS_FAILED = 1;
    private static final int STATUS_BUG = 70;
    private static final long ABI_NEWEST = 2;

    /** Set while the start-up cache is being made: the JVM must be able to write it at its end. */
    private static final boolean TRAINING = Boolean.getBoolean("vmm.tender.training");

    private TenderMain() {}

    public static void main(String[] arguments) {
        try {
            main(new Kernel(), arguments);
        } catch (Failure noKernel) {
            System.err.println(Options.PROGRAM + ": " + noKernel.text());
            System.exit(STATUS_FAILED);
        }
    }

    private static void main(Kernel kernel, String[] arguments) {
        int status;
        try {
            openStandardDescriptors(kernel);
            status = run(kernel, bytes(arguments));
        } catch (Failure failure) {
            tell(kernel, failure);
            status = STATUS_FAILED;
        } catch (RuntimeException | Error bug) {
            kernel.tell(2, Options.PROGRAM + ": defect: " + bug + "\n");
            status = STATUS_BUG;
        }
        if (!TRAINING) {
            kernel.exit(status);
        }
    }

    /**
     * Takes up the numbers 0 to 2 where they are closed: a disk or tap would get them otherwise,
     * and with number 1 all that the guest prints. What is opened here cannot be written to.
     */
    private static void openStandardDescriptors(Kernel kernel) throws Failure {
        long opened;
        do {
            opened = kernel.open("/dev/null", 0);
            if (opened < 0) {
                throw Failure.of("Could not open: /dev/null", opened);
            }
        } while (opened <= 2);
        kernel.call(Kernel.CLOSE, opened, 0, 0);
    }

    private static int run(Kernel kernel, String[] arguments) throws Failure {
        Options options = Options.parse(arguments);
        if (options.version()) {
            kernel.tell(2, "vmm-tender tender, version 0.1.0\nABI version 2\nABI version 1\n");
            return 0;
        }
        long file = kernel.open(options.image(), 0);
        if (file < 0) {
            throw Failure.of(options.image(), file);
        }
        long memoryBytes = options.memoryBytes(kernel);
        SoloImage image = image(kernel, options.image(), file, memoryBytes);
        Devices devices = Devices.attach(kernel, image.devices(), options);
        GuestMemory memory = GuestMemory.map(kernel, memoryBytes);
        Machine machine = Machine.create(kernel, memory);
        BootMemory.load(kernel, memory, file, image);
        BootMemory.map(memory);
        BootMemory.tell(memory, image, devices, machine.timeStampHertz(), options.commandLine());
        machine.prepare(image.entry(), memoryBytes);
        var guest = new Guest(kernel, machine, memory, devices);
        Stopping.install(kernel);
        if (TRAINING) {
            Sandbox.rehearse(kernel, kept(machine, devices));
        } else {
            Sandbox.enter(kernel, kept(machine, devices));
        }
        return guest.run();
    }

    private static SoloImage image(Kernel kernel, String path, long file, long memoryBytes)
            throws Failure {
        ImageResult result;
        try {
            result = ImageReader.read(new ImageFile(kernel, file));
        } catch (IOException cannotBe) {
            throw new AssertionError(cannotBe);
        }
        if (result instanceof ImageResult.Of of) {
            SoloImage image = of.image();
            if (image.target() != Target.HVT) {
                throw Failure.of(path + ": Executable is not for the solo5-hvt target");
            }
            if (image.abiVersion() < 1 || image.abiVersion() > ABI_NEWEST) {
                throw Failure.of(
                        path
                                + ": Executable requests unsupported ABI version "
                                + image.abiVersion());
            }
            var problem = image.problem(memoryBytes);
            if (problem.isPresent()) {
                throw Failure.of(path + ": " + problem.get());
            }
            return image;
        }
        throw Failure.of(path + ": " + ((ImageResult.Refused) result).why());
    }

    private static long[] kept(Machine machine, Devices devices) {
        long[] own = machine.descriptors();
        long[] kept = java.util.Arrays.copyOf(own, own.length + devices.count() - 1);
        for (int handle = 1; handle < devices.count(); handle++) {
            kept[own.length + handle - 1] = devices.at(handle).descriptor();
        }
        return kept;
    }

    private static void tell(Kernel kernel, Failure failure) {
        String text = failure.text();
        boolean bare = text.startsWith("Fatal error when");
        if (!text.isEmpty()) {
            kernel.tell(2, (bare ? "" : Options.PROGRAM + ": ") + text + "\n");
        }
        if (failure.usage()) {
            kernel.tell(2, Options.usage());
        }
    }

    /** The arguments with a byte a character: what is not ASCII is taken from the kernel. */
    private static String[] bytes(String[] arguments) throws Failure {
        boolean ascii = true;
        for (String argument : arguments) {
            for (int i = 0; i < argument.length(); i++) {
                ascii &= argument.charAt(i) < 0x80;
            }
        }
        if (ascii) {
            return arguments;
        }
        try {
            byte[] all = Files.readAllBytes(Path.of("/proc/self/cmdline"));
            String[] words = new String(all, StandardCharsets.ISO_8859_1).split("\0", -1);
            int end = words.length - 1;
            return java.util.Arrays.copyOfRange(words, end - arguments.length, end);
        } catch (IOException e) {
            throw Failure.of("Could not read: /proc/self/cmdline");
        }
    }
}
