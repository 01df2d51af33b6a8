package vmm.wire.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FiguresResponseTest {
    @Test
    void figures_comeOutAsTheyWentIn() throws Exception {
        var figures =
                new FiguresResponse(
                        List.of(
                                new FiguresResponse.Process(
                                        7, 8, 1, 2, 3, Long.MAX_VALUE, Map.of("vm.x", -1L)),
                                new FiguresResponse.Process(9, 1, 0, 0, 0, 0, Map.of())));
        assertThat(FiguresResponse.parse(figures.json())).isEqualTo(figures);
    }

    @Test
    void answers_ofAnotherShape_areRefused() {
        for (String json :
                List.of(
                        "{\"processes\":[{\"pid\":1,\"io\":[1,2,3]}]}",
                        "{\"processes\":[{\"pid\":1,\"io\":[1,2,3,-4]}]}",
                        "{\"processes\":[1]}",
                        "[]")) {
            assertThatThrownBy(
                            () -> FiguresResponse.parse(json.getBytes(StandardCharsets.US_ASCII)))
                    .as(json)
                    .isInstanceOf(JsonException.class);
        }
    }
}
