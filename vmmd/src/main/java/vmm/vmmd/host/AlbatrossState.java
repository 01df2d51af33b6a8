package vmm.vmmd.host;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.core.Policy;
import vmm.core.UnikernelConfig;
import vmm.vmmd.core.Input;
import vmm.vmmd.core.Unikernel.Spec;
import vmm.wire.Decoded;
import vmm.wire.Form;
import vmm.wire.StateFile;
import vmm.wire.Success;
import vmm.wire.der.WireCodec;

/** albatross's {@code DB/state}: the way from albatross and back (BEHAVIOUR 9). */
public final class AlbatrossState {
    private AlbatrossState() {}

    /**
     * What a state file of any release has; its images are stored.
     *
     * @throws IOException if it cannot be read, or is none, with where that shows
     */
    public static StateLog.Content read(Path file, ImageStore images) throws IOException {
        try (Arena arena = Arena.ofShared()) {
            return switch (WireCodec.decodeState(Zlib.map(file, 0, arena))) {
                case Decoded.Of<StateFile>(var state) -> content(state, images);
                case Decoded.Malformed<StateFile>(var offset, var why, _) ->
                        throw new IOException(
                                file
                                        + " is no state of albatross: at byte "
                                        + offset
                                        + ": "
                                        + why
                                        + " (move it away to start with nothing)");
            };
        }
    }

    private static StateLog.Content content(StateFile state, ImageStore images) throws IOException {
        var unikernels = new ArrayList<Input.Stored>();
        for (Success.Named<UnikernelConfig> entry : state.unikernels()) {
            UnikernelConfig config = entry.value();
            Bytes digest;
            try {
                digest = images.store(config.compressed(), config.image());
            } catch (IOException e) {
                throw new IOException("the image of " + entry.name() + ": " + e.getMessage(), e);
            }
            var spec = new Spec(config.typ(), digest, config.arguments());
            unikernels.add(new Input.Stored(entry.name(), spec));
        }
        List<Input.StoredPolicy> policies =
                state.policies().stream()
                        .filter(entry -> entry.name().isPath())
                        .map(e -> new Input.StoredPolicy(e.name().path(), e.value()))
                        .toList();
        return new StateLog.Content(unikernels, policies);
    }

    /**
     * What a release reads.
     *
     * @param dotted true if dots part the labels of its names
     */
    public record Reader(Form.State form, boolean dotted) {
        /** Empty for what is no release. */
        public static Optional<Reader> of(String release) {
            return switch (release) {
                case "1.0" -> Optional.of(new Reader(Form.State.V2, true));
                case "1.1", "1.2", "1.3", "1.4" -> Optional.of(new Reader(Form.State.V3, true));
                case "1.5", "2.0", "2.1" -> Optional.of(new Reader(Form.State.V3, false));
                case "2.2", "2.3", "2.4", "2.5" -> Optional.of(new Reader(Form.State.V4, false));
                case "2.6" -> Optional.of(new Reader(Form.State.V5, false));
                case "2.7" -> Optional.of(new Reader(Form.State.V6, false));
                default ->
                        release.chars().filter(c -> c == '.').count() > 1
                                ? of(release.substring(0, release.lastIndexOf('.')))
                                : Optional.empty();
            };
        }
    }

    /**
     * Writes what is kept, with all images, durably and whole or not at all.
     *
     * @throws IOException if it cannot be written, or the reader has no way to say it
     */
    public static void write(Path file, Reader reader, StateLog.Content content, ImageStore images)
            throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        try (Arena arena = Arena.ofShared();
                FileChannel out =
                        FileChannel.open(
                                beside,
                                StandardOpenOption.CREATE,
                                StandardOpenOption.TRUNCATE_EXISTING,
                                StandardOpenOption.WRITE)) {
            var unikernels = new ArrayList<Success.Named<UnikernelConfig>>();
            for (Input.Stored stored : content.unikernels()) {
                Spec spec = stored.spec();
                Bytes image = images.load(spec.digest(), 0, arena);
                unikernels.add(
                        new Success.Named<>(
                                stored.name(),
                                new UnikernelConfig(spec.typ(), false, image, spec.arguments())));
            }
            var policies = new ArrayList<Success.Named<Policy>>();
            content.policies()
                    .forEach(p -> policies.add(new Success.Named<>(Name.of(p.path()), p.policy())));
            byte[] der = encode(new StateFile(unikernels, policies), reader);
            Zlib.write(out, ByteBuffer.wrap(der));
            out.force(true);
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    private static byte[] encode(StateFile state, Reader reader) throws IOException {
        try {
            return reader.dotted()
                    ? WireCodec.encodeStateDotted(state, reader.form())
                    : WireCodec.encodeState(state, reader.form());
        } catch (IllegalArgumentException e) {
            throw new IOException("that release cannot read this state: " + e.getMessage(), e);
        }
    }
}
