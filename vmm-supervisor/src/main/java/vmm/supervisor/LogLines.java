package vmm.supervisor;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import vmm.core.Bytes;
import vmm.daemon.http.HttpHandler;
import vmm.wire.supervisor.LogRecord;

/** What a domain says, on one connection. */
final class LogLines implements HttpHandler.Lines {
    private final Api.Core core;
    private final String domain;
    private final @Nullable String topic;
    private final ArrayDeque<LogRecord> taken = new ArrayDeque<>();
    private long position;
    private Logs.@Nullable Reader reader;

    /**
     * @param topic null for all
     */
    LogLines(Api.Core core, String domain, @Nullable String topic) {
        this.core = core;
        this.domain = domain;
        this.topic = topic;
    }

    @Override
    public Optional<Bytes> peek(Duration patience) throws InterruptedException {
        try {
            if (taken.isEmpty()) {
                take(patience);
            }
            return Optional.of(Bytes.of(taken.element().json()));
        } catch (TimeoutException nothing) {
            return Optional.empty();
        } catch (ExecutionException bug) {
            throw new IllegalStateException(bug);
        }
    }

    private void take(Duration patience)
            throws InterruptedException, ExecutionException, TimeoutException {
        Logs.Reader waiting = reader;
        if (waiting == null) {
            long from = position;
            waiting = core.ask(s -> s.logs().read(domain, topic, from)).get();
            reader = waiting;
        }
        Logs.Batch batch = waiting.next().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        reader = null;
        position = batch.position();
        taken.addAll(batch.records());
    }

    @Override
    public void written() {
        taken.remove();
    }

    @Override
    public boolean ended() {
        return false;
    }

    @Override
    public void close() {
        Logs.Reader left = reader;
        if (left != null) {
            CompletableFuture<Boolean> _ =
                    core.ask(
                            s -> {
                                s.logs().leave(left);
                                return true;
                            });
        }
    }
}
