package vmm.daemon.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.config.Http1Config;
import org.jspecify.annotations.Nullable;

/** The bounds both ends keep. */
final class Http {
    /** A request or an answer that is longer is refused. */
    static final int BODY_BYTES_MAX = 1 << 20;

    static final Http1Config CONFIG =
            Http1Config.custom().setMaxHeaderCount(64).setMaxLineLength(8192).build();

    private Http() {}

    static byte[] body(@Nullable HttpEntity entity) throws IOException {
        if (entity == null) {
            return new byte[0];
        }
        long told = entity.getContentLength();
        int wanted = told < 0 || told > BODY_BYTES_MAX ? BODY_BYTES_MAX + 1 : (int) told;
        try (InputStream content = entity.getContent()) {
            byte[] body = content.readNBytes(wanted);
            if (body.length > BODY_BYTES_MAX) {
                throw new TooLong();
            }
            return body;
        }
    }

    static final class TooLong extends IOException {
        private static final long serialVersionUID = 1;

        TooLong() {
            super("the body is longer than " + BODY_BYTES_MAX + " bytes");
        }
    }

    static ScheduledExecutorService deadlines(String name) {
        var executor =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name(name).factory());
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }
}
