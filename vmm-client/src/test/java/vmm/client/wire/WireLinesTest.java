package vmm.client.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Every vector of albatross's own library, as JSON and as bytes, both ways. */
class WireLinesTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final JsonNode NULL = JSON.getNodeFactory().nullNode();

    record Vector(Dialect dialect, ObjectNode json) {
        String text(String key) {
            return json.path(key).asString("");
        }

        String note() {
            return text("note");
        }

        JsonNode fields() {
            return json.path("fields");
        }

        WireLines lines() {
            return new WireLines(dialect);
        }

        String decoded() {
            return lines().decode(text("type") + " " + text("hex"));
        }

        String object() {
            ObjectNode object = JSON.createObjectNode();
            object.put("type", text("type"));
            object.set("fields", fields());
            return object.toString();
        }

        @Override
        public String toString() {
            return text("version") + " " + text("kind") + " " + text("note");
        }
    }

    private static Stream<Vector> all() throws IOException {
        var all = new ArrayList<Vector>();
        for (int release : List.of(2_05_00, 2_07_02)) {
            String file = release == 2_05_00 ? "2.5.0" : "2.7.2";
            try (var in =
                    new BufferedReader(
                            new InputStreamReader(
                                    new GZIPInputStream(
                                            WireLinesTest.class.getResourceAsStream(
                                                    "/vmm/wire/der/vectors-" + file + ".jsonl.gz")),
                                    StandardCharsets.UTF_8))) {
                for (var line = in.readLine(); line != null; line = in.readLine()) {
                    all.add(new Vector(new Dialect(release), (ObjectNode) JSON.readTree(line)));
                }
            }
        }
        return all.stream().filter(v -> !v.text("type").equals("helper"));
    }

    static Stream<Vector> encoded() throws IOException {
        return all().filter(v -> !v.text("kind").startsWith("decode/"));
    }

    static Stream<Vector> accepted() throws IOException {
        return all().filter(v -> v.json().path("ok").asBoolean(false));
    }

    @ParameterizedTest
    @MethodSource("encoded")
    void encode_givesAlbatrosssBytes_ofItsFields(Vector vector) {
        assertThat(vector.lines().encode(vector.object())).isEqualTo(vector.text("hex"));
    }

    @ParameterizedTest
    @MethodSource({"encoded", "accepted"})
    void decode_givesItsFields_ofAlbatrosssBytes(Vector vector) {
        if (namesHadNoMarkOfTheirPath(vector)) {
            return;
        }
        JsonNode fields = JSON.readTree(vector.decoded()).path("fields");
        assertThat(normal(vector, fields)).isEqualTo(normal(vector, vector.fields()));
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void encode_givesTheLibrarysBytes_ofFieldsOfHandMadeBytes(Vector vector) {
        if (vector.text("kind").equals("decode/cert") && !vector.note().startsWith("version 5")) {
            return; // the library forgets the version, and writes its own
        }
        assertThat(vector.lines().encode(vector.object())).isEqualTo(vector.text("reencoded_hex"));
    }

    /** AV3 and AV4: what the list meant is decided by the command alone (BEHAVIOUR 3). */
    private static boolean namesHadNoMarkOfTheirPath(Vector vector) {
        boolean path =
                vector.text("kind").equals("success/policies")
                        || vector.fields().at("/header/name/label").isNull();
        return vector.note().equals("header version 4, name as sequence")
                || (vector.note().startsWith("older header version") && path);
    }

    private static JsonNode normal(Vector vector, JsonNode fields) {
        if (vector.text("kind").matches(".*(old_console_subscribe|utc_console_data)")) {
            return normal(fields, "000000000000-", 1_000_000_000_000L, List.of());
        }
        List<String> notCarried =
                vector.text("kind").matches("success/old_unikernel.*")
                        ? List.of("size", "started", "startup", "sector_size", "device", "mac")
                        : List.of();
        return normal(fields, "000000000-", 1_000_000_000L, notCarried);
    }

    /** Without what the encoding does not carry: the order of sets, fractions of times. */
    private static JsonNode normal(
            JsonNode node, String fraction, long picoseconds, List<String> notCarried) {
        if (node instanceof ArrayNode array) {
            ArrayNode copy = JSON.createArrayNode();
            array.forEach(one -> copy.add(normal(one, fraction, picoseconds, notCarried)));
            return copy;
        }
        if (!(node instanceof ObjectNode object)) {
            return node;
        }
        ObjectNode copy = JSON.createObjectNode();
        for (var member : object.properties()) {
            String key = member.getKey();
            JsonNode value = normal(member.getValue(), fraction, picoseconds, notCarried);
            if (!notCarried.contains(key)) {
                copy.set(
                        key,
                        switch (key) {
                            case "block_devices", "bridges" -> sorted((ArrayNode) value);
                            case "exit_codes" -> value.isEmpty() ? NULL : value;
                            case "ps" -> truncated(value, picoseconds);
                            case "rfc3339" -> text(value, fraction);
                            default -> value;
                        });
            }
        }
        return copy;
    }

    private static JsonNode truncated(JsonNode value, long picoseconds) {
        long ps = Long.parseLong(value.asString());
        return JSON.getNodeFactory().stringNode(Long.toString(ps - (ps % picoseconds)));
    }

    private static JsonNode text(JsonNode value, String fraction) {
        String tail = "[0-9]{" + (fraction.length() - 1) + "}-";
        return JSON.getNodeFactory().stringNode(value.asString().replaceAll(tail, fraction));
    }

    private static JsonNode sorted(ArrayNode array) {
        ArrayNode sorted = JSON.createArrayNode();
        array.valueStream()
                .sorted((a, b) -> a.toString().compareTo(b.toString()))
                .forEach(sorted::add);
        return sorted;
    }
}
