package vmm.wire.der;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import vmm.core.Bytes;
import vmm.core.Label;
import vmm.core.Name;
import vmm.wire.CertExtension;
import vmm.wire.Command;
import vmm.wire.Decoded;
import vmm.wire.Form;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.StateFile;
import vmm.wire.Success;
import vmm.wire.Success.Named;

/** Bytes to messages and back. Any thread; decoding never throws, whatever the bytes are. */
public final class WireCodec {
    private WireCodec() {}

    /** Decodes the content of one frame. The message's {@link Bytes} are views of {@code bytes}. */
    public static Decoded<Message> decode(Bytes bytes) {
        var in = new DerReader(bytes);
        Header header = null;
        try {
            int outer = in.openSequence();
            int inner = in.openSequence();
            int versionAt = in.offset();
            long number = in.readInteger();
            Header.@Nullable Version version = version(number);
            if (version == null) {
                return unknownVersion(in, versionAt, number);
            }
            long sequence = in.readInt64();
            List<Label> labels = List.of();
            Name name = Name.ROOT;
            if (version == Header.Version.AV5) {
                name = in.readName();
            } else {
                labels = Names.readLabels(in);
                name = Names.ofLabels(labels, Names.Meaning.UNIKERNEL);
            }
            in.close(inner);
            header = new Header(version, sequence, name);
            Message.Payload payload = readPayload(in, version);
            if (version != Header.Version.AV5 && meansPath(payload)) {
                header = header.withName(Names.ofLabels(labels, Names.Meaning.PATH));
            }
            in.close(outer);
            in.finish();
            return new Decoded.Of<>(new Message(header, payload));
        } catch (DerException e) {
            return malformed(e, Optional.ofNullable(header));
        }
    }

    /** The name can often still be read; then the answer can say what was not understood. */
    private static Decoded<Message> unknownVersion(DerReader in, int at, long number)
            throws DerException {
        long sequence = in.readInt64();
        Name name = in.nextIs(Tag.UTF8) ? in.readName() : Name.ROOT;
        return new Decoded.Malformed<>(
                at,
                "unknown version number " + number + " (3, 4 and 5 are understood)",
                Optional.of(new Header(Header.Version.AV5, sequence, name)));
    }

    private static Header.@Nullable Version version(long number) {
        if (number == 5) {
            return Header.Version.AV5;
        }
        if (number == 4) {
            return Header.Version.AV4;
        }
        return number == 3 ? Header.Version.AV3 : null;
    }

    private static boolean meansPath(Message.Payload payload) {
        return switch (payload) {
            case Message.Payload.Asked(var command) -> command instanceof Command.Policies;
            case Message.Payload.Done(var success) -> success instanceof Success.Policies;
            case Message.Payload.Failed(_), Message.Payload.Told(_) -> false;
        };
    }

    private static Message.Payload readPayload(DerReader in, Header.Version version)
            throws DerException {
        int offset = in.offset();
        int number = Tag.number(in.peek());
        int outer = in.openContext();
        Message.Payload payload =
                switch (number) {
                    case 0 -> new Message.Payload.Asked(Commands.read(in));
                    case 1 -> new Message.Payload.Done(Replies.readSuccess(in, version));
                    case 2 -> new Message.Payload.Failed(in.readText());
                    case 3 -> new Message.Payload.Told(Replies.readData(in));
                    default -> throw new DerException(offset, "unknown payload [" + number + "]");
                };
        in.close(outer);
        return payload;
    }

    private static <T> Decoded<T> malformed(DerException e, Optional<Header> header) {
        return new Decoded.Malformed<>(
                e.offset(), Optional.ofNullable(e.getMessage()).orElse("malformed"), header);
    }

    /**
     * Encodes a frame's content, without its length.
     *
     * @throws IllegalArgumentException if a number has more than 63 bits or a year 4 digits
     */
    public static byte[] encode(Message message) {
        return encode(message, 0);
    }

    /** Encodes with {@code before} bytes left free in front, for the frame's length. */
    public static byte[] encode(Message message, int before) {
        return write(message).toArray(before);
    }

    /**
     * Encodes in parts that follow each other, with {@code before} bytes left free in front of the
     * first. Large bytes of the message are not copied: their parts are views of them.
     */
    public static ByteBuffer[] encodeParts(Message message, int before) {
        return write(message).toBuffers(before);
    }

    private static DerWriter write(Message message) {
        var out = new DerWriter();
        Header header = message.header();
        switch (message.payload()) {
            case Message.Payload.Asked(var command) -> {
                Commands.write(out, command);
                out.context(0, 0);
            }
            case Message.Payload.Done(var success) -> {
                Replies.write(out, header.version(), success);
                out.context(1, 0);
            }
            case Message.Payload.Failed(var why) -> {
                out.writeText(why);
                out.context(2, 0);
            }
            case Message.Payload.Told(var data) -> {
                Replies.write(out, data);
                out.context(3, 0);
            }
        }
        int mark = out.mark();
        Names.write(out, header.version(), header.name());
        out.writeInt64(header.sequence());
        out.writeInteger(header.version().number());
        out.sequence(mark);
        out.sequence(0);
        return out;
    }

    public static Decoded<CertExtension> decodeCertExtension(Bytes bytes) {
        var in = new DerReader(bytes);
        try {
            int outer = in.openSequence();
            int at = in.offset();
            long number = in.readInteger();
            Header.@Nullable Version version = version(number);
            if (version == null) {
                throw new DerException(at, "unknown version number " + number);
            }
            Command command = Commands.read(in);
            in.close(outer);
            in.finish();
            return new Decoded.Of<>(new CertExtension(version, command));
        } catch (DerException e) {
            return malformed(e, Optional.empty());
        }
    }

    public static byte[] encodeCertExtension(CertExtension extension) {
        var out = new DerWriter();
        Commands.write(out, extension.command());
        out.writeInteger(extension.version().number());
        out.sequence(0);
        return out.toArray();
    }

    /** Decodes a state file of any release. */
    public static Decoded<StateFile> decodeState(Bytes bytes) {
        var in = new DerReader(bytes);
        try {
            int offset = in.offset();
            int number = Tag.number(in.peek());
            int outer = in.openContext();
            StateFile state =
                    switch (number) {
                        case 0 -> unikernels(in, i -> Configs.read(i, Form.Config.V1));
                        case 1 -> unikernels(in, Configs::readV0);
                        case 2 -> unikernels(in, i -> Configs.read(i, Form.Config.V2));
                        case 3 -> unikernels(in, i -> Configs.read(i, Form.Config.V3));
                        case 4 -> readState(in, Form.Config.V3);
                        case 5 -> readState(in, Form.Config.V4);
                        case 6 -> readState(in, Form.Config.V5);
                        default ->
                                throw new DerException(
                                        offset, "unknown version [" + number + "] of the state");
                    };
            in.close(outer);
            in.finish();
            return new Decoded.Of<>(state);
        } catch (DerException e) {
            return malformed(e, Optional.empty());
        }
    }

    private static StateFile readState(DerReader in, Form.Config form) throws DerException {
        int outer = in.openSequence();
        var unikernels = entries(in, DerReader::readName, i -> Configs.read(i, form));
        var policies = entries(in, DerReader::readName, Configs::readPolicy);
        in.close(outer);
        return new StateFile(unikernels, policies);
    }

    private static StateFile unikernels(
            DerReader in, DerReader.Element<vmm.core.UnikernelConfig> config) throws DerException {
        return new StateFile(entries(in, Names::readMaybeDotted, config), List.of());
    }

    private static <T> List<Named<T>> entries(
            DerReader in, DerReader.Element<Name> names, DerReader.Element<T> element)
            throws DerException {
        var seen = new HashSet<Name>();
        return in.readList(
                Tag.SEQUENCE,
                i -> {
                    int outer = i.openSequence();
                    int at = i.offset();
                    Name name = names.read(i);
                    if (!seen.add(name)) {
                        throw new DerException(at, "the name '" + name + "' stands twice");
                    }
                    var entry = new Named<>(name, element.read(i));
                    i.close(outer);
                    return entry;
                });
    }

    /** Encodes a state file in the newest form (v6). */
    public static byte[] encodeState(StateFile state) {
        return encodeState(state, Form.State.V6);
    }

    /**
     * Encodes a state file as the releases of {@code form} read it.
     *
     * @throws IllegalArgumentException if there are policies and the form has none
     */
    public static byte[] encodeState(StateFile state, Form.State form) {
        return encodeState(state, form, DerWriter::writeName);
    }

    /**
     * Encodes a state file as releases up to 1.4 read it, with dots in names where later ones have
     * colons.
     *
     * @throws IllegalArgumentException if there are policies and the form has none, or a label has
     *     a dot
     */
    public static byte[] encodeStateDotted(StateFile state, Form.State form) {
        return encodeState(state, form, (out, name) -> out.writeText(Names.dotted(name)));
    }

    private static byte[] encodeState(
            StateFile state, Form.State form, DerWriter.Element<Name> names) {
        var out = new DerWriter();
        if (form.hasPolicies()) {
            out.writeList(
                    Tag.SEQUENCE,
                    state.policies(),
                    (o, e) -> writeEntry(o, e, names, Configs::writePolicy));
        } else if (!state.policies().isEmpty()) {
            throw new IllegalArgumentException("this form of the state has no policies");
        }
        out.writeList(
                Tag.SEQUENCE,
                state.unikernels(),
                (o, e) -> writeEntry(o, e, names, (x, c) -> Configs.write(x, form.config(), c)));
        if (form.hasPolicies()) {
            out.sequence(0);
        }
        out.context(form.tag(), 0);
        return out.toArray();
    }

    private static <T> void writeEntry(
            DerWriter out,
            Named<T> entry,
            DerWriter.Element<Name> names,
            DerWriter.Element<T> element) {
        int mark = out.mark();
        element.write(out, entry.value());
        names.write(out, entry.name());
        out.sequence(mark);
    }
}
