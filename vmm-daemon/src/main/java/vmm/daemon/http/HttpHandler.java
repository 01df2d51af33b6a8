package vmm.daemon.http;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import vmm.core.Bytes;
import vmm.os.PeerCredentials;

/** What a server says to a request. Called on the thread of its connection. */
@FunctionalInterface
public interface HttpHandler {
    Answer answer(Request request) throws IOException, InterruptedException;

    /**
     * @param path without the query
     * @param headers by their names in lower case
     */
    record Request(
            String method,
            String path,
            Map<String, String> query,
            Map<String, String> headers,
            Bytes body,
            PeerCredentials peer) {
        public Request {
            query = Map.copyOf(query);
            headers = Map.copyOf(headers);
        }
    }

    /** An answer: one body, or lines that come while they are read. */
    sealed interface Answer {}

    record Whole(int status, Bytes json) implements Answer {}

    /**
     * A body that is no JSON.
     *
     * @param type its media type
     */
    record Typed(int status, String type, Map<String, String> headers, Bytes body)
            implements Answer {
        public Typed {
            headers = Map.copyOf(headers);
        }
    }

    /**
     * A body that is made while it is written: it is never in memory whole.
     *
     * @param type its media type
     */
    record Written(int status, String type, Body body) implements Answer {}

    /** Writes a body. */
    @FunctionalInterface
    interface Body {
        void writeTo(OutputStream out) throws IOException;
    }

    record Stream(Lines lines) implements Answer {}

    /** Lines for one reader; closed when the reader has gone. */
    interface Lines extends AutoCloseable {
        /** The next line, which stays the next one until {@link #written}; empty if none came. */
        Optional<Bytes> peek(Duration patience) throws InterruptedException;

        /** The line that was peeked at has been handed to the socket. */
        void written();

        /** True when no line will come any more. */
        boolean ended();

        @Override
        void close();
    }

    /** The value of a parameter of the query. */
    static @Nullable String parameter(Request request, String name) {
        return request.query().get(name);
    }
}
