package vmm.wire.der;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.Function;
import vmm.core.Bytes;
import vmm.wire.CertExtension;
import vmm.wire.Decoded;
import vmm.wire.Message;
import vmm.wire.StateFile;

/** What must hold of any bytes whatever: the fuzzer and the mutation tests try the same. */
final class Targets {
    private Targets() {}

    /** Decoding refuses, or gives what encodes to bytes that are decoded and encoded alike. */
    static boolean message(byte[] bytes) {
        return around(bytes, WireCodec::decode, WireCodec::encode);
    }

    static boolean certificate(byte[] bytes) {
        return around(bytes, WireCodec::decodeCertExtension, WireCodec::encodeCertExtension);
    }

    static boolean state(byte[] bytes) {
        return around(bytes, WireCodec::decodeState, WireCodec::encodeState);
    }

    private static <T> boolean around(
            byte[] bytes, Function<Bytes, Decoded<T>> decode, Function<T, byte[]> encode) {
        Decoded<T> decoded = decode.apply(Bytes.view(bytes, 0, bytes.length));
        if (!(decoded instanceof Decoded.Of<T>(T value))) {
            var malformed = (Decoded.Malformed<T>) decoded;
            if (malformed.offset() < 0 || malformed.offset() > bytes.length) {
                throw new AssertionError("offset " + malformed.offset() + " of " + bytes.length);
            }
            return false;
        }
        byte[] first = encode.apply(value);
        Decoded<T> again = decode.apply(Bytes.view(first, 0, first.length));
        if (!(again instanceof Decoded.Of<T>(T same))) {
            throw new AssertionError("accepted, but not what it encodes to: " + again);
        }
        if (!Arrays.equals(first, encode.apply(same))) {
            throw new AssertionError("encodes in two ways");
        }
        return true;
    }

    static boolean of(String type, byte[] bytes) {
        return switch (type) {
            case "wire" -> message(bytes);
            case "cert" -> certificate(bytes);
            default -> state(bytes);
        };
    }

    static byte[] encode(Object value) {
        return switch (value) {
            case Message message -> WireCodec.encode(message);
            case CertExtension extension -> WireCodec.encodeCertExtension(extension);
            case StateFile state -> WireCodec.encodeState(state);
            default -> throw new AssertionError(value);
        };
    }

    static void assertRefused(String type, byte[] bytes) {
        assertThat(of(type, bytes)).isFalse();
    }
}
