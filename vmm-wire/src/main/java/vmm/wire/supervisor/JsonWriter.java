package vmm.wire.supervisor;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes JSON as Go's encoding/json does, to the byte. One thread. */
public final class JsonWriter {
    private static final String HEX = "0123456789abcdef";

    private final StringBuilder out = new StringBuilder();
    private boolean comma;

    public JsonWriter() {}

    public byte[] bytes() {
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** As {@link #bytes}, with a line's end; no text holds one. */
    public byte[] line() {
        out.append('\n');
        return bytes();
    }

    public JsonWriter object() {
        return open('{');
    }

    public JsonWriter array() {
        return open('[');
    }

    public JsonWriter endObject() {
        return close('}');
    }

    public JsonWriter endArray() {
        return close(']');
    }

    public JsonWriter name(String name) {
        separate();
        quote(name);
        out.append(':');
        comma = false;
        return this;
    }

    public JsonWriter text(@Nullable String value) {
        separate();
        if (value == null) {
            out.append("null");
        } else {
            quote(value);
        }
        comma = true;
        return this;
    }

    public JsonWriter number(@Nullable Number value) {
        separate();
        if (value instanceof Double d && d == Math.rint(d) && Math.abs(d) < 1e15) {
            out.append(d.longValue());
        } else {
            out.append(value);
        }
        comma = true;
        return this;
    }

    public JsonWriter flag(boolean value) {
        separate();
        out.append(value);
        comma = true;
        return this;
    }

    public JsonWriter texts(@Nullable List<String> values) {
        if (values == null) {
            return text(null);
        }
        array();
        values.forEach(this::text);
        return endArray();
    }

    public JsonWriter texts(Map<String, String> values) {
        object();
        new TreeMap<>(values).forEach((k, v) -> name(k).text(v));
        return endObject();
    }

    public JsonWriter numbers(List<? extends Number> values) {
        array();
        values.forEach(this::number);
        return endArray();
    }

    /** Leaves the member out when it is empty, as omitempty does. */
    public JsonWriter textUnlessEmpty(String name, String value) {
        return value.isEmpty() ? this : name(name).text(value);
    }

    /** Leaves the member out when it is empty, as omitempty does. */
    public JsonWriter textsUnlessEmpty(String name, List<String> values) {
        return values.isEmpty() ? this : name(name).texts(values);
    }

    /** Leaves the member out when it is 0, as omitempty does. */
    public JsonWriter numberUnlessZero(String name, long value) {
        return value == 0 ? this : name(name).number(value);
    }

    private JsonWriter open(char bracket) {
        separate();
        out.append(bracket);
        comma = false;
        return this;
    }

    private JsonWriter close(char bracket) {
        out.append(bracket);
        comma = true;
        return this;
    }

    private void separate() {
        if (comma) {
            out.append(',');
        }
    }

    private void quote(String value) {
        out.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '<', '>', '&', '\u2028', '\u2029' -> escape(c);
                default -> plain(value, i, c);
            }
        }
        out.append('"');
    }

    private void plain(String value, int i, char c) {
        boolean paired =
                Character.isHighSurrogate(c)
                        ? i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1))
                        : i > 0 && Character.isHighSurrogate(value.charAt(i - 1));
        if (c < ' ') {
            escape(c);
        } else if (Character.isSurrogate(c) && !paired) {
            out.append("\\ufffd");
        } else {
            out.append(c);
        }
    }

    private void escape(char c) {
        out.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            out.append(HEX.charAt((c >> shift) & 0xf));
        }
    }
}
