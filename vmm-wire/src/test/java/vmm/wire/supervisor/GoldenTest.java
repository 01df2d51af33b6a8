package vmm.wire.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What Go wrote and read: every line of JSON must come out of these records as it went in. */
class GoldenTest {
    /** Lines that show traps of Go's own types and hold nothing a server can be sent. */
    private static final List<String> TRAPS = List.of("Configure bad mount", "Mount by value");

    @FunctionalInterface
    private interface Turn {
        byte[] around(byte[] json) throws JsonException;
    }

    private static final Map<String, Turn> TURNS =
            Map.of(
                    "Configure", j -> ConfigureRequest.parse(j).json(),
                    "Exec", j -> ExecRequest.parse(j).json(),
                    "Kill", j -> KillRequest.parse(j).json(),
                    "Stop ", j -> StopRequest.parse(j).json(),
                    "Terminate", j -> TerminateRequest.parse(j).json(),
                    "StopResponse", j -> CycleResponse.parse(j).json(),
                    "FreezeResponse", j -> CycleResponse.parse(j).json(),
                    "Event ", j -> Event.parse(j).json(),
                    "Error", j -> SupervisorError.parse(j).json());

    private static List<String> lines() throws IOException {
        try (var in = GoldenTest.class.getResourceAsStream("golden.txt")) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    private static List<String> section(String name) throws IOException {
        List<String> lines = lines();
        int from = lines.indexOf("# " + name) + 1;
        return lines.subList(from, lines.size()).stream()
                .takeWhile(l -> !l.startsWith("# "))
                .toList();
    }

    @Test
    void json_isTheSameToTheByte_forEveryLine() throws Exception {
        int turned = 0;
        for (String line : section("json")) {
            int from = line.indexOf('{');
            int to = line.lastIndexOf(" err=");
            if (TRAPS.stream().anyMatch(line::startsWith) || from < 0) {
                continue;
            }
            String json = line.substring(from, to);
            byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
            byte[] back = turn(line).around(bytes);
            assertThat(new String(back, StandardCharsets.UTF_8)).as(line).isEqualTo(json);
            turned++;
        }
        assertThat(turned).isGreaterThanOrEqualTo(20);
    }

    private static Turn turn(String line) {
        if (line.startsWith("Mount drive empty")) {
            return json -> {
                var to = new JsonWriter();
                Mount.write(Mount.read(Fields.parse(json)), to);
                return to.bytes();
            };
        }
        return TURNS.entrySet().stream()
                .filter(e -> line.startsWith(e.getKey()))
                .max(Map.Entry.comparingByKey(java.util.Comparator.comparingInt(String::length)))
                .map(Map.Entry::getValue)
                .orElse(json -> DomainRequest.parse(json).json());
    }

    @Test
    void text_hasGosWords_forEverySignal() throws Exception {
        int seen = 0;
        for (String line : section("signals")) {
            if (line.matches("-?[0-9]+\\s+signal: .*")) {
                int signo = Integer.parseInt(line.replaceAll("\\s.*", ""));
                String words = line.substring(line.indexOf("signal: "));
                assertThat(EventData.signaled("d", "n", signo).text()).isEqualTo(words);
                seen++;
            }
        }
        assertThat(seen).isEqualTo(68);
        assertThat(EventData.exited("d", "n", 137).text()).isEqualTo("exit status 137");
    }

    @Test
    void parse_acceptsAndRefuses_asGoDoes() throws Exception {
        for (String line : section("decode")) {
            int arrow = line.indexOf(" -> ");
            if (!line.startsWith("{") || arrow < 0) {
                continue;
            }
            byte[] json = line.substring(0, arrow).getBytes(StandardCharsets.UTF_8);
            boolean deadline = line.contains("deadline");
            boolean bad = line.contains("cannot");
            if (bad) {
                assertThatThrownBy(() -> parse(deadline, json))
                        .as(line)
                        .isInstanceOf(JsonException.class);
            } else {
                assertThat(parse(deadline, json)).as(line).isNotNull();
            }
        }
    }

    private static Object parse(boolean deadline, byte[] json) throws JsonException {
        return deadline ? KillRequest.parse(json) : Event.parse(json);
    }

    @Test
    void parse_findsFieldsInAnyCase_andIgnoresOthers() throws Exception {
        var event =
                Event.parse(
                        "{\"TIMESTAMP_MILLIS\":5,\"x\":[1,{}],\"Event\":{\"Type\":\"x\"}}"
                                .getBytes(StandardCharsets.UTF_8));
        assertThat(event.timestampMillis()).isEqualTo(5);
        assertThat(event.data().type()).isEqualTo("x");
    }

    @Test
    void parse_takesTimeouts_ofTheFirstGeneration() throws Exception {
        assertThat(timeout("250")).isEqualTo(new Deadline.Within(250));
        assertThat(timeout("0")).isEqualTo(new Deadline.Never());
        assertThat(timeout("null")).as("Go's nil").isEqualTo(new Deadline.Never());
    }

    private static Deadline timeout(String value) throws JsonException {
        String json = "{\"name\":\"n\",\"Timeout\":" + value + "}";
        return KillRequest.parse(json.getBytes(StandardCharsets.UTF_8)).deadline();
    }

    @Test
    void parse_takesProfiles_ofTheFirstGeneration_andNoOthers() throws Exception {
        String request = "{\"cgroup_profiles\":[{\"name\":\"%s\",\"cpu_pct\":10,\"mem_max\":7}]}";
        byte[] known = request.formatted("unthrottled").getBytes(StandardCharsets.UTF_8);
        byte[] unknown = request.formatted("nice").getBytes(StandardCharsets.UTF_8);
        assertThat(ConfigureRequest.parse(known).cgroupProfiles().orElseThrow().unthrottled())
                .isEqualTo(new ConfigureRequest.CgroupProfile(0.1, 7));
        assertThatThrownBy(() -> ConfigureRequest.parse(unknown))
                .isInstanceOf(JsonException.class)
                .hasMessageContaining("unknown profile nice");
    }

    @Test
    void json_escapes_whatGoEscapes() {
        byte[] json = new DomainRequest("<>&\u2028\u2029\"\\\n\u0001\ud800é").json();
        assertThat(new String(json, StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"domain\":\"\\u003c\\u003e\\u0026\\u2028\\u2029\\\"\\\\\\n\\u0001\\ufffdé\"}");
    }
}
