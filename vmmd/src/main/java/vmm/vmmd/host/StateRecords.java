package vmm.vmmd.host;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.core.Path;
import vmm.core.Policy;
import vmm.core.UnikernelConfig;
import vmm.vmmd.core.Effect.Record;
import vmm.vmmd.core.Input;
import vmm.vmmd.core.Unikernel.Limits;
import vmm.vmmd.core.Unikernel.RunId;
import vmm.vmmd.core.Unikernel.Spec;
import vmm.wire.Command;
import vmm.wire.Decoded;
import vmm.wire.Form;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.der.WireCodec;

/**
 * The records of {@link StateLog}, and what those so far say.
 *
 * <p>Each is a message of the wire. What the wire has no words for stands before it: {@link #MORE},
 * the {@link Limits}, and the pid and start of what it replaces, 0 and 0 for nothing.
 */
final class StateRecords {
    /** No message of the wire begins with it, nor with the two below. */
    private static final byte MORE = 3;

    private static final int MORE_BYTES = 1 + 7 * Long.BYTES;

    /** Limits alone, after the record that they belong to: of an earlier vmmd. */
    private static final byte LIMITS = 2;

    private static final int LIMITS_BYTES = 1 + 5 * Long.BYTES;

    /** Of a vmmd that knew no ceilings of disks. */
    private static final byte OLD_LIMITS = 1;

    private static final int OLD_LIMITS_BYTES = 1 + 3 * Long.BYTES;

    private final TreeMap<Name, Record.Put> unikernels = new TreeMap<>();
    private final TreeMap<Path, Policy> policies = new TreeMap<>();

    List<Input.Stored> unikernels() {
        return unikernels.values().stream()
                .map(put -> new Input.Stored(put.name(), put.spec(), put.replaces()))
                .toList();
    }

    List<Input.StoredPolicy> policies() {
        var all = new ArrayList<Input.StoredPolicy>();
        policies.forEach((path, policy) -> all.add(new Input.StoredPolicy(path, policy)));
        return all;
    }

    /** As few records as say the same. */
    List<Record> records() {
        var all = new ArrayList<Record>();
        policies.forEach((path, policy) -> all.add(new Record.SetPolicy(path, policy)));
        all.addAll(unikernels.values());
        return all;
    }

    void apply(Record change) {
        switch (change) {
            case Record.Put put -> unikernels.put(put.name(), put);
            case Record.Forget(var name) -> unikernels.remove(name);
            case Record.SetPolicy(var path, var policy) -> policies.put(path, policy);
            case Record.DropPolicy(var path) -> policies.remove(path);
        }
    }

    /** Returns false for what is no record. */
    boolean apply(byte[] coded) {
        if (coded[0] == LIMITS || coded[0] == OLD_LIMITS) {
            return applyLimits(ByteBuffer.wrap(coded));
        }
        Optional<Record> change = decode(coded);
        change.ifPresent(this::apply);
        return change.isPresent();
    }

    private boolean applyLimits(ByteBuffer record) {
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
                                Name.parse(name),
                                (n, put) -> new Record.Put(n, put.spec().withLimits(limits)))
                        != null;
    }

    private static Optional<Record> decode(byte[] coded) {
        boolean more = coded[0] == MORE;
        if (more && coded.length <= MORE_BYTES) {
            return Optional.empty();
        }
        int start = more ? MORE_BYTES : 0;
        if (!(WireCodec.decode(Bytes.view(coded, start, coded.length - start))
                        instanceof Decoded.Of<Message>(var m))
                || !(m.payload() instanceof Message.Payload.Asked(var command))) {
            return Optional.empty();
        }
        Name name = m.header().name();
        return switch (command) {
            case Command.Create(_, _, var config) -> {
                var spec = new Spec(config.typ(), config.image(), config.arguments());
                yield Optional.of(
                        more
                                ? put(name, spec, ByteBuffer.wrap(coded, 1, MORE_BYTES - 1))
                                : new Record.Put(name, spec));
            }
            case Command.Destroy() -> Optional.of(new Record.Forget(name));
            case Command.PolicyAdd(var policy) ->
                    Optional.of(new Record.SetPolicy(name.path(), policy));
            case Command.PolicyRemove() -> Optional.of(new Record.DropPolicy(name.path()));
            case Command _ -> Optional.empty();
        };
    }

    private static Record put(Name name, Spec spec, ByteBuffer more) {
        var limits =
                new Limits(
                        more.getLong(),
                        more.getLong(),
                        more.getLong(),
                        more.getLong(),
                        more.getLong());
        var replaces = new RunId(more.getLong(), more.getLong());
        return new Record.Put(
                name,
                spec.withLimits(limits),
                replaces.pid() == 0 ? Optional.empty() : Optional.of(replaces));
    }

    static byte[] encode(Record change) {
        byte[] der = WireCodec.encode(message(change));
        if (!(change instanceof Record.Put(_, var spec, var replaces))
                || (spec.limits().equals(Limits.NONE) && replaces.isEmpty())) {
            return der;
        }
        Limits limits = spec.limits();
        return ByteBuffer.allocate(MORE_BYTES + der.length)
                .put(MORE)
                .putLong(limits.milliCpus())
                .putLong(limits.memoryBytes())
                .putLong(limits.idleSeconds())
                .putLong(limits.readBytes())
                .putLong(limits.writeBytes())
                .putLong(replaces.map(RunId::pid).orElse(0L))
                .putLong(replaces.map(RunId::startMillis).orElse(0L))
                .put(der)
                .array();
    }

    private static Message message(Record change) {
        return switch (change) {
            case Record.Put(var name, var spec, _) ->
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
}
