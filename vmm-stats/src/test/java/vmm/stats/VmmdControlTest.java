package vmm.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.core.Name;
import vmm.stats.core.Facts;
import vmm.wire.supervisor.JsonException;

class VmmdControlTest {
    private static List<Facts.Doing> parse(String json) throws JsonException {
        return VmmdControl.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void doings_areRead() throws Exception {
        assertThat(
                        parse(
                                """
                                {"unikernels":[
                                {"name":"a:loop","state":"waiting","reason":"it exited with 2",
                                 "next_start":"2030-01-01T00:00:00.250Z","failures":3},
                                {"name":":ticker","state":"running","pid":7,
                                 "started":"2030-01-01T00:00:00Z","failures":0}]}
                                """))
                .containsExactly(
                        new Facts.Doing(
                                Name.parse("a:loop"),
                                "waiting",
                                3,
                                "it exited with 2",
                                Optional.of(Instant.parse("2030-01-01T00:00:00.250Z"))),
                        new Facts.Doing(Name.parse("ticker"), "running", 0, "", Optional.empty()));
    }

    @Test
    void otherJson_isRefused() {
        assertThatThrownBy(() -> parse("[]")).isInstanceOf(JsonException.class);
        assertThatThrownBy(() -> parse("{\"unikernels\":[{\"name\":\"a b\"}]}"))
                .isInstanceOf(JsonException.class);
    }

    @Test
    void nothing_isSaid_withoutASocket(@TempDir Path folder) {
        try (var control = new VmmdControl(folder.resolve("control.sock"))) {
            assertThat(control.ask()).isEmpty();
        }
    }
}
