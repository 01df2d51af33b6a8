package vmm.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import vmm.daemon.http.HttpClient;

/** Asks vmmd what albatross's wire has no words for. One thread. */
final class ControlLink implements AutoCloseable {
    static final String SOCKET = "control";

    private static final JsonMapper JSON = JsonMapper.shared();

    /** vmmd waits for its supervisor, and says so before this is over. */
    private static final Duration ANSWER_MAX = Duration.ofSeconds(30);

    /** Between two events vmmd sends a blank line much more often. */
    private static final Duration SILENCE_MAX = Duration.ofSeconds(30);

    private final Path socket;
    private final HttpClient http;

    ControlLink(Path socket) {
        this.socket = socket;
        http = new HttpClient(socket);
    }

    JsonNode get(String path) throws ClientFailure {
        try {
            return answer(http.get(path, ANSWER_MAX));
        } catch (IOException e) {
            throw ClientFailure.connect(Conversation.reason(socket, e));
        }
    }

    JsonNode post(String path, byte[] json) throws ClientFailure {
        try {
            return answer(http.post(path, json, ANSWER_MAX));
        } catch (IOException e) {
            throw ClientFailure.connect(Conversation.reason(socket, e));
        }
    }

    private static JsonNode answer(HttpClient.Reply reply) throws ClientFailure {
        JsonNode json = parse(new String(reply.body().toArray(), StandardCharsets.UTF_8));
        if (reply.status() != 200) {
            throw ClientFailure.remote(json.path("error").asString("vmmd refused"));
        }
        return json;
    }

    private static JsonNode parse(String text) throws ClientFailure {
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            throw ClientFailure.communication("vmmd's answer is no JSON");
        }
    }

    /** What is done with each event. */
    @FunctionalInterface
    interface Taker {
        /** Returns whether to go on. */
        boolean take(String line, JsonNode event);
    }

    /** Hands over events until the taker has enough or vmmd has no more. */
    void events(String path, Taker taker) throws ClientFailure {
        try (HttpClient.LineStream lines = http.lines(path, SILENCE_MAX)) {
            for (@Nullable String line = lines.next(); line != null; line = lines.next()) {
                if (!taker.take(line, parse(line))) {
                    return;
                }
            }
        } catch (IOException e) {
            throw ClientFailure.connect(Conversation.reason(socket, e));
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
