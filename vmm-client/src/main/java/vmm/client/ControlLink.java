package vmm.client;

import java.io.EOFException;
import java.io.IOException;
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

    private ControlLink(Path socket) {
        this.socket = socket;
        http = new HttpClient(socket);
    }

    static ControlLink open(Terminal terminal, SharedOptions common) throws ClientFailure {
        if (common.remote.isUsed() || common.printsRequest()) {
            throw ClientFailure.usage(
                    "this command works on vmmd's own host alone: log in there and leave out"
                            + " --destination, --csr and --socket -");
        }
        var link = new ControlLink(common.socket(SOCKET, terminal));
        try {
            link.http.connect();
            return link;
        } catch (IOException e) {
            link.close();
            throw ClientFailure.connect(Conversation.reason(link.socket, e));
        }
    }

    JsonNode get(String path) throws ClientFailure {
        try {
            return answer(http.get(path, ANSWER_MAX));
        } catch (IOException e) {
            throw broken(e);
        }
    }

    JsonNode post(String path, byte[] json) throws ClientFailure {
        try {
            return answer(http.post(path, json, ANSWER_MAX));
        } catch (IOException e) {
            throw broken(e);
        }
    }

    private ClientFailure broken(IOException e) {
        return e instanceof EOFException
                ? ClientFailure.closed("vmmd closed " + socket + " without an answer: see its log")
                : ClientFailure.communication(
                        "the connection to " + socket + " broke: " + e.getMessage());
    }

    private static JsonNode answer(HttpClient.Reply reply) throws ClientFailure {
        if (reply.status() != 200) {
            throw refusal(reply);
        }
        return parse(reply.text());
    }

    private static ClientFailure refusal(HttpClient.Reply reply) throws ClientFailure {
        return ClientFailure.remote(parse(reply.text()).path("error").asString("vmmd refused"));
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
        } catch (HttpClient.Refused refused) {
            throw refusal(refused.reply());
        } catch (IOException e) {
            throw broken(e);
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
