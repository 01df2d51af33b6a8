package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import vmm.core.MacAddress;
import vmm.core.Name;
import vmm.core.Policy;

/** Names and policies against what albatross 2.7.2 computed. */
class HelperVectorsTest {
    private static final Path VECTORS =
            House.ROOT.resolve("tests/src/test/resources/helpers-2.7.2.jsonl");

    @Test
    void names_areWhatAlbatrossMakesOfThem() throws IOException {
        for (JsonNode fields : vectors("name/of_string")) {
            String input = fields.get("input").asString();
            JsonNode result = fields.get("result");
            assertThat(Name.problem(input).isEmpty())
                    .as(input)
                    .isEqualTo(result.get("ok").asBoolean());
            if (result.get("ok").asBoolean()) {
                assertThat(Name.parse(input))
                        .hasToString(result.get("value").get("string").asString());
            }
        }
    }

    @Test
    void macs_areDerivedAsAlbatrossDoes() throws IOException {
        for (JsonNode fields : vectors("name/mac")) {
            assertThat(
                            MacAddress.derived(
                                    fields.get("bridge").asString(),
                                    Name.parse(fields.get("name").asString())))
                    .hasToString(fields.get("mac").asString());
        }
    }

    @Test
    void policies_areUsable_whereAlbatrossSaysSo() throws IOException {
        for (JsonNode fields : vectors("policy/usable")) {
            assertThat(policy(fields.get("policy")).unusable().isEmpty())
                    .as(fields.toString())
                    .isEqualTo(fields.get("result").get("ok").asBoolean());
        }
    }

    @Test
    void policies_areSmaller_whereAlbatrossSaysSo() throws IOException {
        for (JsonNode fields : vectors("policy/is_smaller")) {
            assertThat(policy(fields.get("sub")).exceeds(policy(fields.get("super"))).isEmpty())
                    .as(fields.toString())
                    .isEqualTo(fields.get("result").get("ok").asBoolean());
        }
    }

    private static List<JsonNode> vectors(String kind) throws IOException {
        var mapper = new JsonMapper();
        var found = new ArrayList<JsonNode>();
        for (String line : Files.readAllLines(VECTORS)) {
            JsonNode vector = mapper.readTree(line);
            if (vector.get("kind").asString().equals(kind)) {
                found.add(vector.get("fields"));
            }
        }
        assertThat(found).isNotEmpty();
        return found;
    }

    private static Policy policy(JsonNode node) {
        var cpuids = new ArrayList<Long>();
        node.get("cpuids").forEach(id -> cpuids.add(id.asLong()));
        var bridges = new ArrayList<String>();
        node.get("bridges").forEach(b -> bridges.add(b.asString()));
        JsonNode block = node.get("block");
        return Policy.of(
                cpuids,
                node.get("unikernels").asLong(),
                node.get("memory").asLong(),
                block.isNull() ? OptionalLong.empty() : OptionalLong.of(block.asLong()),
                bridges);
    }
}
