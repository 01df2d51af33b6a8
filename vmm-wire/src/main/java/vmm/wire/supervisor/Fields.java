package vmm.wire.supervisor;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The members of a JSON object, found by name in any case as Go does. A member that is {@code null}
 * counts as absent, but for {@link #isNull}.
 */
public final class Fields {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int DEPTH_MAX = 32;
    private static final Pattern SOURCE =
            Pattern.compile("\\s*\\([^(]*\\[Source: [^\\]]*\\]\\)|\\s*\\[Source: [^\\]]*\\]|\\n.*");

    private final String where;
    private final Map<String, @Nullable Object> members;

    private Fields(String where, Map<String, @Nullable Object> members) {
        this.where = where;
        this.members = members;
    }

    /** Reads one JSON object and nothing after it. */
    public static Fields parse(byte[] json) throws JsonException {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            parser.nextToken();
            Object value = value(parser, DEPTH_MAX);
            if (parser.nextToken() != null) {
                throw new JsonException("more than one value");
            }
            return of("", value);
        } catch (JacksonException e) {
            throw new JsonException(plain(e.getOriginalMessage()) + at(e));
        }
    }

    /** The parser names its source inside some messages, which says nothing to a caller. */
    static String plain(@Nullable String message) {
        return message == null ? "no JSON" : SOURCE.matcher(message).replaceAll("").strip();
    }

    private static String at(JacksonException e) {
        return e.getLocation() == null ? "" : " at byte " + e.getLocation().getByteOffset();
    }

    private static @Nullable Object value(JsonParser parser, int depthLeft) throws JsonException {
        JsonToken token = parser.currentToken();
        if (token == null || depthLeft == 0) {
            throw new JsonException(token == null ? "no value" : "nested too deeply");
        }
        return switch (token) {
            case START_OBJECT -> {
                var object = new LinkedHashMap<String, @Nullable Object>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    object.put(name, value(parser, depthLeft - 1));
                }
                yield object;
            }
            case START_ARRAY -> {
                var array = new ArrayList<@Nullable Object>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    array.add(value(parser, depthLeft - 1));
                }
                yield array;
            }
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT -> parser.getBigIntegerValue();
            case VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case END_ARRAY, END_OBJECT, PROPERTY_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
                    throw new JsonException("unexpected " + token);
        };
    }

    @SuppressWarnings("unchecked")
    private static Fields of(String where, @Nullable Object value) throws JsonException {
        if (value instanceof Map<?, ?> members) {
            return new Fields(where, (Map<String, @Nullable Object>) members);
        }
        throw new JsonException((where.isEmpty() ? "value" : where) + " is not an object");
    }

    public boolean has(String name) {
        return find(name) != null;
    }

    /** True if it is there and says {@code null}. */
    boolean isNull(String name) {
        return find(name) == null && members.keySet().stream().anyMatch(name::equalsIgnoreCase);
    }

    private @Nullable Object find(String name) {
        Object exact = members.get(name);
        if (exact != null) {
            return exact;
        }
        for (var member : members.entrySet()) {
            if (member.getKey().equalsIgnoreCase(name)) {
                return member.getValue();
            }
        }
        return null;
    }

    public Optional<String> text(String name) throws JsonException {
        Object value = find(name);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof String text) {
            return Optional.of(text);
        }
        throw new JsonException(where + name + " is not a string");
    }

    public String textOrEmpty(String name) throws JsonException {
        return text(name).orElse("");
    }

    /** A whole number that fits 64 bits and is not negative. */
    public OptionalLong count(String name) throws JsonException {
        OptionalLong value = whole(name);
        if (value.isPresent() && value.getAsLong() < 0) {
            throw new JsonException(where + name + " is negative");
        }
        return value;
    }

    public OptionalLong whole(String name) throws JsonException {
        Object value = find(name);
        return value == null ? OptionalLong.empty() : OptionalLong.of(whole(name, value));
    }

    private long whole(String name, @Nullable Object value) throws JsonException {
        if (value instanceof BigInteger number && number.bitLength() < Long.SIZE) {
            return number.longValue();
        }
        throw new JsonException(where + name + " is not a whole number of 64 bits");
    }

    public double number(String name) throws JsonException {
        Object value = find(name);
        return switch (value) {
            case null -> 0;
            case BigInteger whole -> whole.doubleValue();
            case BigDecimal number -> number.doubleValue();
            default -> throw new JsonException(where + name + " is not a number");
        };
    }

    /** False where it is absent. */
    public boolean flag(String name) throws JsonException {
        Object value = find(name);
        if (value == null || value instanceof Boolean) {
            return Boolean.TRUE.equals(value);
        }
        throw new JsonException(where + name + " is neither true nor false");
    }

    public Optional<OffsetDateTime> time(String name) throws JsonException {
        Optional<String> text = text(name);
        return text.isEmpty() ? Optional.empty() : Optional.of(Rfc3339.parse(text.get()));
    }

    public Optional<Fields> object(String name) throws JsonException {
        Object value = find(name);
        return value == null ? Optional.empty() : Optional.of(of(where + name + ".", value));
    }

    private List<?> list(String name) throws JsonException {
        Object value = find(name);
        return switch (value) {
            case null -> List.of();
            case List<?> list -> list;
            default -> throw new JsonException(where + name + " is not an array");
        };
    }

    public boolean isList(String name) {
        return find(name) instanceof List<?>;
    }

    public List<Fields> objects(String name) throws JsonException {
        var found = new ArrayList<Fields>();
        for (Object value : list(name)) {
            found.add(of(where + name + "[].", value));
        }
        return found;
    }

    public List<String> texts(String name) throws JsonException {
        var found = new ArrayList<String>();
        for (Object value : list(name)) {
            if (!(value instanceof String text)) {
                throw new JsonException(where + name + " holds what is not a string");
            }
            found.add(text);
        }
        return found;
    }

    public List<Long> counts(String name) throws JsonException {
        var found = new ArrayList<Long>();
        for (Object value : list(name)) {
            long number = whole(name, value);
            if (number < 0) {
                throw new JsonException(where + name + " holds a negative number");
            }
            found.add(number);
        }
        return found;
    }

    /** The names of this object's members as they were written. */
    public List<String> names() {
        return List.copyOf(members.keySet());
    }

    /** An object whose members are all strings. */
    public Optional<Map<String, String>> textMap(String name) throws JsonException {
        Optional<Fields> object = object(name);
        if (object.isEmpty()) {
            return Optional.empty();
        }
        var map = new TreeMap<String, String>();
        for (String key : object.get().names()) {
            map.put(key, object.get().textOrEmpty(key));
        }
        return Optional.of(map);
    }
}
