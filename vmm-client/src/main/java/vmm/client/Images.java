package vmm.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.Inflater;
import vmm.client.files.Reason;
import vmm.core.Arguments;
import vmm.core.BlockDevice;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.core.NetDevice;
import vmm.core.image.Device;
import vmm.core.image.ImageReader;
import vmm.core.image.ImageResult;
import vmm.core.image.SoloImage;

/** Images in files: looked at before they are sent, written when they come back. */
final class Images {
    static final long IMAGE_BYTES_MAX = 64L << 20;

    private Images() {}

    /** The file's content, mapped and not copied, if these arguments fit what it says of itself. */
    static Bytes read(Path file, Arguments arguments) throws ClientFailure {
        if (Files.notExists(file)) {
            throw ClientFailure.usage("no such image: " + file);
        }
        if (!Files.isRegularFile(file)) {
            throw ClientFailure.usage(file + " is no file: name an image built for hvt or spt");
        }
        try (FileChannel channel = FileChannel.open(file)) {
            if (channel.size() > IMAGE_BYTES_MAX) {
                throw ClientFailure.usage(
                        file + " is larger than " + (IMAGE_BYTES_MAX >> 20) + " MiB");
            }
            switch (ImageReader.read(channel)) {
                case ImageResult.Of(var image) -> check(file, image, arguments);
                case ImageResult.Refused(var why) ->
                        throw ClientFailure.usage(
                                file
                                        + " is no Solo5 image ("
                                        + why
                                        + "): build one for hvt or spt");
            }
            return Bytes.view(channel.map(MapMode.READ_ONLY, 0, channel.size()));
        } catch (IOException e) {
            throw ClientFailure.usage("cannot read " + file + ": " + Reason.of(e));
        }
    }

    private static void check(Path file, SoloImage image, Arguments arguments)
            throws ClientFailure {
        same(
                file,
                "--net",
                names(image, Device.Kind.NET),
                arguments.networks().stream().map(NetDevice::name).toList());
        same(
                file,
                "--block",
                names(image, Device.Kind.BLOCK),
                arguments.blocks().stream().map(BlockDevice::name).toList());
    }

    private static Set<String> names(SoloImage image, Device.Kind kind) {
        return image.devices().stream()
                .filter(device -> device.kind() == kind)
                .map(Device::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static void same(Path file, String option, Set<String> wanted, Collection<String> given)
            throws ClientFailure {
        for (String name : wanted) {
            if (!given.contains(name)) {
                throw ClientFailure.usage(
                        file
                                + " needs the device '"
                                + name
                                + "': add "
                                + option
                                + " "
                                + form(option, name));
            }
        }
        for (String name : given) {
            if (!wanted.contains(name)) {
                throw ClientFailure.usage(
                        file + " has no device '" + name + "': leave out " + option + " " + name);
            }
        }
    }

    private static String form(String option, String name) {
        return name + (option.equals("--net") ? ":BRIDGE" : "[:DEVICE]");
    }

    static Bytes compressed(Bytes image, int level) {
        var deflater = new Deflater(level);
        var out = new ByteArrayOutputStream(image.length() / 2 + 64);
        try (OutputStream zlib = new DeflaterOutputStream(out, deflater)) {
            copy(image.asBuffer(), zlib);
        } catch (IOException e) {
            throw new AssertionError("memory takes everything", e);
        } finally {
            deflater.end();
        }
        return Bytes.of(out.toByteArray());
    }

    /** A file that is not there yet, in the folder for such files. */
    static Path fresh(Name name, Instant now) {
        String folder = System.getProperty("java.io.tmpdir", "/tmp");
        return Path.of(folder, name + "." + Render.time(now));
    }

    /** Writes an image that vmmd gave to a new file, or over the old one. */
    static void write(Path file, boolean force, boolean compressed, Bytes image)
            throws ClientFailure {
        try (NewFile to = NewFile.at(file, force)) {
            if (compressed) {
                inflate(image, to);
            } else {
                to.write(image.asBuffer());
            }
            to.complete();
        } catch (IOException e) {
            throw NewFile.failure(file, e);
        }
    }

    private static void inflate(Bytes image, NewFile to) throws IOException, ClientFailure {
        var inflater = new Inflater();
        var plain = ByteBuffer.allocateDirect(1 << 16);
        try {
            inflater.setInput(image.asBuffer());
            while (!inflater.finished()) {
                if (inflater.inflate(plain.clear()) == 0 && !inflater.finished()) {
                    throw ClientFailure.communication("the compressed image ends too early");
                }
                to.write(plain.flip());
            }
        } catch (DataFormatException e) {
            throw ClientFailure.communication("the image is no zlib data: " + e.getMessage());
        } finally {
            inflater.end();
        }
    }

    private static void copy(ByteBuffer from, OutputStream to) throws IOException {
        byte[] piece = new byte[1 << 16];
        while (from.hasRemaining()) {
            int length = Math.min(piece.length, from.remaining());
            from.get(piece, 0, length);
            to.write(piece, 0, length);
        }
    }
}
