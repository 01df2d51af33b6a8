package vmm.wire.der;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import vmm.core.Bytes;
import vmm.wire.Decoded;

/** What albatross's own library wrote and said, release by release. */
final class Vectors {
    private static final JsonMapper MAPPER = new JsonMapper();

    /** One line of a vector file. */
    record Vector(String release, JsonNode json) {
        String kind() {
            return json.get("kind").asString();
        }

        String type() {
            return json.get("type").asString();
        }

        Bytes bytes() {
            return Bytes.ofHex(json.get("hex").asString());
        }

        Optional<Boolean> verdict() {
            return Optional.ofNullable(json.get("ok")).map(JsonNode::asBoolean);
        }

        /** What decoding and encoding again must give. */
        String reencoded() {
            JsonNode other = json.get("reencoded_hex");
            return other == null || other.isNull() ? json.get("hex").asString() : other.asString();
        }

        String note() {
            JsonNode note = json.get("note");
            return release + " " + kind() + " " + (note == null ? "" : note.asString());
        }

        Decoded<?> decode() {
            return switch (type()) {
                case "wire" -> WireCodec.decode(bytes());
                case "cert" -> WireCodec.decodeCertExtension(bytes());
                default -> WireCodec.decodeState(bytes());
            };
        }

        @Override
        public String toString() {
            return note();
        }
    }

    private Vectors() {}

    static List<Vector> of(String release) {
        try (InputStream in =
                        Vectors.class.getResourceAsStream("vectors-" + release + ".jsonl.gz");
                var reader =
                        new BufferedReader(
                                new InputStreamReader(
                                        new GZIPInputStream(in), StandardCharsets.UTF_8))) {
            return reader.lines()
                    .map(line -> new Vector(release, MAPPER.readTree(line)))
                    .filter(v -> !v.type().equals("helper"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
