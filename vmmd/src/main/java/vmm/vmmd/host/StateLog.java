package vmm.vmmd.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.core.Policy;
import vmm.core.UnikernelConfig;
import vmm.vmmd.core.Effect.Record;
import vmm.vmmd.core.Input;
import vmm.vmmd.core.Unikernel.Limits;
import vmm.vmmd.core.Unikernel.Spec;
import vmm.wire.Command;
import vmm.wire.Decoded;
import vmm.wire.Form;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.der.WireCodec;

/**
 * What vmmd keeps: a log of changes, each a message of the wire with its length and checksum.
 *
 * <p>A change is one small write and one sync, whatever runs. The log is written anew, beside and
 * renamed, at the start and when it has grown too long. A torn end (a crash in the middle of a
 * write) is cut off; damage before it is reported and the file kept aside. One thread.
 */
public final class StateLog implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(StateLog.class);
    private static final byte[] MAGIC = "vmmd state 1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int HEADER_BYTES = 8;

    /** No message of the wire begins with it. */
    private static final byte LIMITS = 2;

    private static final int LIMITS_BYTES = 1 + 5 * Long.BYTES;

    /** Of a vmmd that knew no ceilings of disks. */
    private static final byte OLD_LIMITS = 1;

    private static final int OLD_LIMITS_BYTES = 1 + 3 * Long.BYTES;
    private static final int RECORD_BYTES_MAX = 1024 * 1024;

    /** A log shorter than this is not worth writing anew. */
    private static final long REWRITE_BYTES_MIN = 4 * 1024 * 1024;

    /** How many times longer than what it says a log may become. */
    private static final int REWRITE_GROWTH = 4;

    /**
     * What a log says, read from its start to its end.
     *
     * @param damaged whether a part was unreadable, be it the torn end of a last write: then what
     *     it does not name must not be thrown away
     */
    public record Content(
            List<Input.Stored> unikernels, List<Input.StoredPolicy> policies, boolean damaged) {
        public Content(List<Input.Stored> unikernels, List<Input.StoredPolicy> policies) {
            this(unikernels, policies, false);
        }
    }

    private final Path file;
    private final TreeMap<Name, Spec> unikernels = new TreeMap<>();
    private final TreeMap<vmm.core.Path, Policy> policies = new TreeMap<>();
    private FileChannel channel;
    private long rewriteAt;

    private StateLog(Path file, Content content) throws IOException {
        this.file = file;
        content.policies().forEach(p -> policies.put(p.path(), p.policy()));
        content.unikernels().forEach(u -> unikernels.put(u.name(), u.spec()));
        channel = writeAnew(file, unikernels, policies, !content.damaged());
        rewriteAt = rewriteAt(channel.position());
    }

    /** Reads {@code file}; nothing if it is not there. What is damaged is kept aside. */
    public static Content read(Path file) throws IOException {
        var unikernels = new TreeMap<Name, Spec>();
        var policies = new TreeMap<vmm.core.Path, Policy>();
        boolean damaged = false;
        if (Files.exists(file)) {
            byte[] all = Files.readAllBytes(file);
            damaged = !replay(ByteBuffer.wrap(all), unikernels, policies);
            if (damaged) {
                Path aside = file.resolveSibling(file.getFileName() + ".damaged");
                Files.copy(file, aside, StandardCopyOption.REPLACE_EXISTING);
                LOG.error("{} is damaged or torn: it is kept as {}", file, aside);
                recover(file, all, unikernels, policies);
            }
        }
        var stored = new ArrayList<Input.Stored>();
        unikernels.forEach((name, spec) -> stored.add(new Input.Stored(name, spec)));
        var kept = new ArrayList<Input.StoredPolicy>();
        policies.forEach((path, policy) -> kept.add(new Input.StoredPolicy(path, policy)));
        return new Content(stored, kept, damaged);
    }

    /** The log before this one, and over it what of this one can be read. */
    private static void recover(
            Path file, byte[] all, Map<Name, Spec> unikernels, Map<vmm.core.Path, Policy> policies)
            throws IOException {
        Path before = lastGood(file);
        if (!Files.exists(before)) {
            return;
        }
        unikernels.clear();
        policies.clear();
        replay(ByteBuffer.wrap(Files.readAllBytes(before)), unikernels, policies);
        replay(ByteBuffer.wrap(all), unikernels, policies);
        LOG.warn("recovered from {}: look whether everything is there", before);
    }

    private static Path lastGood(Path file) {
        return file.resolveSibling(file.getFileName() + ".last-good");
    }

    /** Applies every readable record; false if there was anything else. */
    private static boolean replay(
            ByteBuffer all, Map<Name, Spec> unikernels, Map<vmm.core.Path, Policy> policies) {
        if (all.remaining() < MAGIC.length || !startsWithMagic(all)) {
            return false;
        }
        boolean whole = true;
        all.position(MAGIC.length);
        while (all.remaining() >= HEADER_BYTES) {
            int length = all.getInt();
            int crc = all.getInt();
            if (length <= 0 || length > RECORD_BYTES_MAX || length > all.remaining()) {
                return false;
            }
            byte[] der = new byte[length];
            all.get(der);
            whole &= crc == crc(der) && apply(der, unikernels, policies);
        }
        return whole && !all.hasRemaining();
    }

    private static boolean startsWithMagic(ByteBuffer all) {
        return all.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC));
    }

    private static boolean apply(
            byte[] der, Map<Name, Spec> unikernels, Map<vmm.core.Path, Policy> policies) {
        if (der[0] == LIMITS || der[0] == OLD_LIMITS) {
            return applyLimits(ByteBuffer.wrap(der), unikernels);
        }
        if (!(WireCodec.decode(Bytes.view(der, 0, der.length))
                        instanceof Decoded.Of<Message>(var m))
                || !(m.payload() instanceof Message.Payload.Asked(var command))) {
            return false;
        }
        Name name = m.header().name();
        switch (command) {
            case Command.Create(_, _, var config) ->
                    unikernels.put(
                            name, new Spec(config.typ(), config.image(), config.arguments()));
            case Command.Destroy() -> unikernels.remove(name);
            case Command.PolicyAdd(var policy) -> policies.put(name.path(), policy);
            case Command.PolicyRemove() -> policies.remove(name.path());
            case Command _ -> {
                return false;
            }
        }
        return true;
    }

    private static boolean applyLimits(ByteBuffer record, Map<Name, Spec> unikernels) {
        int length = record.remaining();
        boolean disks = record.get() == LIMITS;
        if (length <= (disks ? LIMITS_BYTES : OLD_LIMITS_BYTES)) {
            return false;
        }
        var limits =
                new Limits(
                        record.getLong(),
                        record.getLong(),
                        record.getLong(),
                        disks ? record.getLong() : 0,
                        disks ? record.getLong() : 0);
        String name = StandardCharsets.UTF_8.decode(record).toString();
        return Name.problem(name).isEmpty()
                && unikernels.computeIfPresent(
                                Name.parse(name), (_, spec) -> spec.withLimits(limits))
                        != null;
    }

    /** The wire has no words for limits: they follow the record that they belong to. */
    private static byte[] limits(Name name, Limits limits) {
        byte[] text = name.toString().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(LIMITS_BYTES + text.length)
                .put(LIMITS)
                .putLong(limits.milliCpus())
                .putLong(limits.memoryBytes())
                .putLong(limits.idleSeconds())
                .putLong(limits.readBytes())
                .putLong(limits.writeBytes())
                .put(text)
                .array();
    }

    private static int crc(byte[] bytes) {
        var crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /** Writes {@code content} as a new log beside the old one, and puts it in its place. */
    public static StateLog start(Path file, Content content) throws IOException {
        return new StateLog(file, content);
    }

    /** Puts a new log, of what is kept now, in the place of the old one. */
    private static FileChannel writeAnew(
            Path file,
            Map<Name, Spec> unikernels,
            Map<vmm.core.Path, Policy> policies,
            boolean oldIsGood)
            throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        FileChannel fresh =
                FileChannel.open(
                        beside,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
        try {
            var records = new ArrayList<Record>();
            policies.forEach((path, policy) -> records.add(new Record.SetPolicy(path, policy)));
            unikernels.forEach((name, spec) -> records.add(new Record.Put(name, spec)));
            write(fresh, ByteBuffer.wrap(MAGIC));
            write(fresh, encoded(records));
            fresh.force(false);
            if (Files.exists(file) && oldIsGood) {
                Files.copy(file, lastGood(file), StandardCopyOption.REPLACE_EXISTING);
            }
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
            syncFolder(file);
            return fresh;
        } catch (IOException e) {
            fresh.close();
            throw e;
        }
    }

    private static long rewriteAt(long size) {
        return Math.max(REWRITE_BYTES_MIN, size * REWRITE_GROWTH);
    }

    private static void syncFolder(Path file) throws IOException {
        Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElseThrow();
        try (FileChannel f = FileChannel.open(folder, StandardOpenOption.READ)) {
            f.force(true);
        }
    }

    /**
     * Appends changes and makes them durable.
     *
     * @throws IOException if they are not; then the log is as it was before
     */
    public void append(List<Record> records) throws IOException {
        long before = channel.position();
        try {
            write(channel, encoded(records));
            channel.force(false);
        } catch (IOException e) {
            channel.truncate(before);
            channel.position(before);
            throw new IOException(file + ": " + e.getMessage(), e);
        }
        records.forEach(this::apply);
        if (channel.position() > rewriteAt) {
            rewrite();
        }
    }

    private void apply(Record change) {
        switch (change) {
            case Record.Put(var name, var spec) -> unikernels.put(name, spec);
            case Record.Forget(var name) -> unikernels.remove(name);
            case Record.SetPolicy(var path, var policy) -> policies.put(path, policy);
            case Record.DropPolicy(var path) -> policies.remove(path);
        }
    }

    /** The log has become long and says little: it is written anew, or later if that fails. */
    private void rewrite() throws IOException {
        rewriteAt = rewriteAt(channel.position());
        try {
            FileChannel fresh = writeAnew(file, unikernels, policies, true);
            channel.close();
            channel = fresh;
            rewriteAt = rewriteAt(fresh.position());
        } catch (IOException e) {
            LOG.warn("{} could not be written anew and grows on: {}", file, e.getMessage());
        }
    }

    private static ByteBuffer encoded(List<Record> records) throws IOException {
        var ders = new ArrayList<byte[]>();
        for (Record change : records) {
            byte[] der = WireCodec.encode(message(change));
            if (der.length > RECORD_BYTES_MAX) {
                throw new IOException(
                        "the arguments are too long to be kept: "
                                + der.length
                                + " bytes, "
                                + RECORD_BYTES_MAX
                                + " are allowed");
            }
            ders.add(der);
            if (change instanceof Record.Put(var name, var spec)
                    && !spec.limits().equals(Limits.NONE)) {
                ders.add(limits(name, spec.limits()));
            }
        }
        int length = ders.stream().mapToInt(der -> HEADER_BYTES + der.length).sum();
        var bytes = ByteBuffer.allocate(length);
        ders.forEach(der -> bytes.putInt(der.length).putInt(crc(der)).put(der));
        return bytes.flip();
    }

    private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static Message message(Record change) {
        return switch (change) {
            case Record.Put(var name, var spec) ->
                    Message.asking(
                            Header.of(name),
                            new Command.Create(
                                    false,
                                    Form.Config.V5,
                                    new UnikernelConfig(
                                            spec.typ(), false, spec.digest(), spec.arguments())));
            case Record.Forget(var name) -> Message.asking(Header.of(name), new Command.Destroy());
            case Record.SetPolicy(var path, var policy) ->
                    Message.asking(Header.of(Name.of(path)), new Command.PolicyAdd(policy));
            case Record.DropPolicy(var path) ->
                    Message.asking(Header.of(Name.of(path)), new Command.PolicyRemove());
        };
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
