package vmm.wire.supervisor;

import org.jspecify.annotations.Nullable;

/** Why a request was refused; the body of every answer that is not 200. */
public record SupervisorError(Kind kind, @Nullable String message) {
    /** Each kind has one status code of HTTP. */
    public enum Kind {
        NO_SUCH_ENTITY("no_such_entity", 404),
        INVALID_STATE("invalid_state", 409),
        SERDE("serde", 400),
        FAILURE("failure", 500),
        /** Ours: the peer is neither root nor the user of the house. */
        FORBIDDEN("forbidden", 403);

        private final String text;
        private final int status;

        Kind(String text, int status) {
            this.text = text;
            this.status = status;
        }

        public String text() {
            return text;
        }

        public int status() {
            return status;
        }

        static Kind of(String text) {
            for (Kind kind : values()) {
                if (kind.text.equals(text)) {
                    return kind;
                }
            }
            return FAILURE;
        }
    }

    public byte[] json() {
        var to = new JsonWriter().object().name("error_kind").text(kind.text());
        return to.name("message").text(message).endObject().bytes();
    }

    public static SupervisorError parse(byte[] json) throws JsonException {
        Fields from = Fields.parse(json);
        return new SupervisorError(
                Kind.of(from.textOrEmpty("error_kind")), from.text("message").orElse(null));
    }
}
