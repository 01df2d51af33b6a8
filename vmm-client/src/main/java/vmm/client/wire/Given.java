package vmm.client.wire;

import java.lang.reflect.RecordComponent;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.core.Sample;
import vmm.core.Text;

/**
 * A JSON object that was given to be encoded. Its accessors throw {@link IllegalArgumentException}
 * naming the key where a value is missing or of another kind.
 */
record Given(JsonNode node) {
    /** Images above {@link Fields#HEX_BYTES_MAX} are told by length and digest alone. */
    private static final int PATTERN_BYTES_MAX = 64 * 1024 * 1024;

    private static final long PICOSECONDS = 1_000_000_000_000L;

    Given {
        if (!node.isObject()) {
            throw new IllegalArgumentException("expected an object, found " + node.getNodeType());
        }
    }

    boolean has(String key) {
        return node.has(key);
    }

    private boolean isNull(String key) {
        JsonNode value = node.get(key);
        return value == null || value.isNull();
    }

    private JsonNode need(String key) {
        JsonNode value = node.get(key);
        if (value == null || value.isNull()) {
            throw new IllegalArgumentException("'" + key + "' is missing");
        }
        return value;
    }

    private static IllegalArgumentException wrong(String key, String wanted) {
        return new IllegalArgumentException("'" + key + "' is not " + wanted);
    }

    String type() {
        return plain("type");
    }

    /** A string that has no form in hexadecimal. */
    String plain(String key) {
        JsonNode value = need(key);
        if (!value.isString()) {
            throw wrong(key, "a string");
        }
        return value.stringValue();
    }

    Given object(String key) {
        return new Given(need(key));
    }

    Optional<Given> optionalObject(String key) {
        return isNull(key) ? Optional.empty() : Optional.of(object(key));
    }

    boolean flag(String key) {
        JsonNode value = need(key);
        if (!value.isBoolean()) {
            throw wrong(key, "true or false");
        }
        return value.booleanValue();
    }

    long number(String key) {
        return number(key, need(key));
    }

    private static long number(String key, JsonNode value) {
        if (value.isIntegralNumber() && value.canConvertToLong()) {
            return value.longValue();
        }
        if (value.isString()) {
            try {
                return Long.parseLong(value.stringValue());
            } catch (NumberFormatException e) {
                throw wrong(key, "a number of 64 bits");
            }
        }
        throw wrong(key, "a number of 64 bits");
    }

    OptionalLong optionalNumber(String key) {
        return isNull(key) ? OptionalLong.empty() : OptionalLong.of(number(key));
    }

    /** Text, or the bytes of {@code key_hex}. */
    String text(String key) {
        return isNull(key) && has(key + "_hex") ? hexText(plain(key + "_hex")) : plain(key);
    }

    private static String hexText(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        return Text.decode(bytes, 0, bytes.length);
    }

    Optional<String> optionalText(String key) {
        return isNull(key) && isNull(key + "_hex") ? Optional.empty() : Optional.of(text(key));
    }

    <T> List<T> list(String key, Function<JsonNode, T> element) {
        JsonNode value = need(key);
        if (!value.isArray()) {
            throw wrong(key, "a list");
        }
        var list = new ArrayList<T>(value.size());
        value.forEach(one -> list.add(element.apply(one)));
        return list;
    }

    <T> List<T> objects(String key, Function<Given, T> element) {
        return list(key, node -> element.apply(new Given(node)));
    }

    List<Long> numbers(String key) {
        return list(key, node -> number(key, node));
    }

    List<String> texts(String key) {
        return list(key, node -> element(key, node));
    }

    /** A string, or {@code {"hex": …}} where it is no UTF-8. */
    private static String element(String key, JsonNode node) {
        if (node.isObject()) {
            return hexText(new Given(node).plain("hex"));
        }
        if (!node.isString()) {
            throw wrong(key, "a list of strings");
        }
        return node.stringValue();
    }

    Optional<List<String>> optionalTexts(String key) {
        return isNull(key) ? Optional.empty() : Optional.of(texts(key));
    }

    Name name(String key) {
        return Name.parse(nameText(key));
    }

    /** The string of a name, which stands alone or beside its parts. */
    String nameText(String key) {
        JsonNode value = need(key);
        return value.isObject() ? new Given(value).plain("string") : plain(key);
    }

    Instant time(String key) {
        Given time = object(key);
        if (!time.has("days")) {
            return rfc3339(time.plain("rfc3339"));
        }
        long picoseconds = time.number("ps");
        long nanoseconds = picoseconds % PICOSECONDS / 1000;
        if (nanoseconds == 0 && picoseconds % PICOSECONDS != 0) {
            nanoseconds = 1; // less than that, but no whole second: the encoding tells them apart
        }
        try {
            return Instant.ofEpochSecond(
                    Math.addExact(
                            Math.multiplyExact(time.number("days"), 86_400L),
                            picoseconds / PICOSECONDS),
                    nanoseconds);
        } catch (ArithmeticException | DateTimeException e) {
            throw wrong(key, "a time");
        }
    }

    private static Instant rfc3339(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("'" + text + "' is no time of RFC 3339", e);
        }
    }

    /** The bytes of {@code key_hex}; where those were too long to be told, the known pattern. */
    Bytes bytes(String key) {
        if (has(key + "_hex")) {
            return Bytes.ofHex(plain(key + "_hex"));
        }
        long length = number(key + "_len");
        if (length < 0 || length > PATTERN_BYTES_MAX) {
            throw wrong(key + "_len", "between 0 and " + PATTERN_BYTES_MAX);
        }
        byte[] pattern = new byte[(int) length];
        for (int i = 0; i < pattern.length; i++) {
            pattern[i] = (byte) (((31 * i) + 7) % 256);
        }
        if (!sha256(pattern).equals(plain(key + "_sha256"))) {
            throw new IllegalArgumentException(
                    "'" + key + "_hex' is missing: the bytes cannot be known from their digest");
        }
        return Bytes.view(pattern, 0, pattern.length);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException missing) {
            throw new AssertionError("every JDK has SHA-256", missing);
        }
    }

    Optional<Bytes> optionalBytes(String key) {
        return has(key + "_hex") || has(key + "_len") ? Optional.of(bytes(key)) : Optional.empty();
    }

    /** A record of counters whose components are this object's members. */
    <T extends Record> T counters(Class<T> type) {
        RecordComponent[] components = type.getRecordComponents();
        var types = new Class<?>[components.length];
        var values = new @Nullable Object[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            values[i] = counter(Fields.key(components[i]), types[i]);
        }
        try {
            return type.getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("constructors of these records are public", e);
        }
    }

    private Object counter(String key, Class<?> type) {
        if (type == String.class) {
            return text(key);
        }
        if (type == Sample.Time.class) {
            Given time = object(key);
            return new Sample.Time(time.number("sec"), time.number("usec"));
        }
        return number(key);
    }

    <E extends Enum<E>> E constant(String key, Class<E> type) {
        String text = plain(key).toUpperCase(Locale.ROOT);
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(text)) {
                return constant;
            }
        }
        throw new IllegalArgumentException("'" + key + "' is unknown: " + plain(key));
    }
}
