package vmm.supervisor;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import vmm.core.Bytes;
import vmm.daemon.http.HttpHandler;

/** The events on one connection. An event is gone when it was written, not when it was taken. */
final class EventLines implements HttpHandler.Lines {
    private final Api.Core core;
    private final @Nullable String domain;
    private Events.@Nullable Reader reader;
    private boolean over;

    /**
     * @param domain null for all
     */
    EventLines(Api.Core core, @Nullable String domain) {
        this.core = core;
        this.domain = domain;
    }

    @Override
    public Optional<Bytes> peek(Duration patience) throws InterruptedException {
        try {
            Events.Reader waiting = reader;
            if (waiting == null) {
                waiting = core.ask(s -> s.events().read(domain)).get();
                reader = waiting;
            }
            Events.Taken taken = waiting.next().get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return Optional.of(Bytes.of(taken.event().json()));
        } catch (TimeoutException nothing) {
            return Optional.empty();
        } catch (CancellationException removed) {
            over = true;
            reader = null;
            return Optional.empty();
        } catch (ExecutionException bug) {
            throw new IllegalStateException(bug);
        }
    }

    @Override
    public void written() {
        Events.Reader done = reader;
        reader = null;
        if (done != null) {
            Events.Taken taken = done.next().getNow(null);
            CompletableFuture<Boolean> _ =
                    core.ask(
                            s -> {
                                s.told(taken);
                                return true;
                            });
        }
    }

    @Override
    public boolean ended() {
        return over;
    }

    @Override
    public void close() {
        Events.Reader left = reader;
        if (left != null) {
            CompletableFuture<Boolean> _ =
                    core.ask(
                            s -> {
                                s.events().leave(left);
                                return true;
                            });
        }
    }
}
