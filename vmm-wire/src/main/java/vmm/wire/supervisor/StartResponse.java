package vmm.wire.supervisor;

import java.util.Map;

/**
 * The answer to start.
 *
 * @param taps the tap of each device; left out when there is none (our extension)
 */
public record StartResponse(Map<String, String> taps) {
    public StartResponse {
        taps = Map.copyOf(taps);
    }

    public byte[] json() {
        var to = new JsonWriter().object();
        if (!taps.isEmpty()) {
            to.name("taps").texts(taps);
        }
        return to.endObject().bytes();
    }

    public static StartResponse parse(byte[] json) throws JsonException {
        return new StartResponse(Fields.parse(json).textMap("taps").orElse(Map.of()));
    }
}
