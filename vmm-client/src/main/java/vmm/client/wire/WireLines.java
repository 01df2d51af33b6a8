package vmm.client.wire;

import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import vmm.core.Bytes;
import vmm.wire.Decoded;
import vmm.wire.der.WireCodec;

/** Lines of hexadecimal DER as JSON objects and back, for who debugs the wire. */
public final class WireLines {
    private static final JsonMapper JSON = new JsonMapper();

    private final Dialect dialect;

    public WireLines(Dialect dialect) {
        this.dialect = dialect;
    }

    /**
     * Encodes {@code {"type": wire|cert|state, "fields": …}}; {@code error: …} if it cannot.
     *
     * <p>A member {@code "version": "2.5.0"} names the release whose names the object uses.
     */
    public String encode(String line) {
        try {
            var given = new Given(JSON.readTree(line));
            return HexFormat.of().formatHex(new WireObjects(dialect.or(given)).encode(given));
        } catch (JacksonException e) {
            return "error: this is no JSON: " + e.getOriginalMessage();
        } catch (IllegalArgumentException e) {
            return "error: " + e.getMessage();
        }
    }

    /** Decodes {@code [wire|state|cert] HEX}; what is wrong with it is told in the object. */
    public String decode(String line) {
        String[] words = line.strip().split("\\s+", 2);
        String type = words.length == 2 ? words[0] : "wire";
        try {
            Bytes bytes = Bytes.of(HexFormat.of().parseHex(words[words.length - 1]));
            Decoded<Fields> decoded =
                    switch (type) {
                        case "wire" ->
                                shaped(WireCodec.decode(bytes), m -> fields(bytes).message(m));
                        case "cert" ->
                                shaped(
                                        WireCodec.decodeCertExtension(bytes),
                                        e -> fields(bytes).extension(e));
                        case "state" ->
                                shaped(
                                        WireCodec.decodeState(bytes),
                                        state -> fields(bytes).state(state, bytes));
                        default ->
                                throw new IllegalArgumentException(
                                        "'" + type + "' is neither wire, state nor cert");
                    };
            return JSON.writeValueAsString(result(type, decoded).map());
        } catch (IllegalArgumentException e) {
            return JSON.writeValueAsString(
                    new Fields()
                            .put("error", String.valueOf(e.getMessage()))
                            .put("offset", 0)
                            .map());
        }
    }

    private static <T> Decoded<Fields> shaped(Decoded<T> decoded, Function<T, Fields> shape) {
        return switch (decoded) {
            case Decoded.Of<T>(var value) -> new Decoded.Of<>(shape.apply(value));
            case Decoded.Malformed<T>(var offset, var why, var header) ->
                    new Decoded.Malformed<>(offset, why, header);
        };
    }

    private static Fields result(String type, Decoded<Fields> decoded) {
        return switch (decoded) {
            case Decoded.Of<Fields>(var fields) -> Fields.of(type).put("fields", fields);
            case Decoded.Malformed<Fields>(var offset, var why, _) ->
                    new Fields().put("error", why).put("offset", offset);
        };
    }

    private WireFields fields(Bytes der) {
        return new WireFields(
                dialect,
                dialect.keepsCase() ? Optional.of(new Spelling(der.toArray())) : Optional.empty());
    }
}
