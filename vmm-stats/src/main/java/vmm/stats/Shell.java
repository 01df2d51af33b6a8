package vmm.stats;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;
import vmm.daemon.CoreLoop;
import vmm.stats.core.Core;
import vmm.stats.core.Effect;
import vmm.stats.core.Input;
import vmm.stats.core.Look;
import vmm.stats.core.Newest;
import vmm.stats.core.Pass;
import vmm.stats.core.Sampler;
import vmm.stats.core.State;
import vmm.wire.Data;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.channel.FrameWriter;

/** Carries out what the core decides. One thread decides, one looks at processes. */
final class Shell {
    private static final Logger LOG = LogManager.getLogger(Shell.class);

    /** What one write takes. */
    private static final int CHUNK_BYTES = 64 * 1024;

    private final CoreLoop<Input> loop = new CoreLoop<>("vmm-stats", this::take);
    private final CoreLoop<Runnable> looking = new CoreLoop<>("vmm-stats sampler", Runnable::run);
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final Map<Long, StatsClient> clients = new ConcurrentHashMap<>();
    private final AtomicReference<Newest> newest = new AtomicReference<>(Newest.NONE);
    private final Sampler sampler;
    private final List<Consumer<Newest>> exports;
    private volatile State state;
    private volatile long passNanos;
    private @Nullable Thread ticking;

    /**
     * @param exports see every pass; they never wait
     * @param everything is looked at, whether somebody subscribed or not
     */
    Shell(Sampler sampler, List<Consumer<Newest>> exports, boolean everything) {
        this.sampler = sampler;
        this.exports = List.copyOf(exports);
        state = State.empty(everything);
    }

    void start(Duration interval) {
        looking.start();
        loop.start();
        ticking = Thread.ofPlatform().daemon().name("vmm-stats tick").start(() -> tick(interval));
    }

    /** By the clock that nobody sets; ticks that were slept through are not made up for. */
    private void tick(Duration interval) {
        long next = System.nanoTime();
        try {
            while (true) {
                loop.submit(new Input.Tick());
                next = Math.max(next + interval.toNanos(), System.nanoTime());
                Thread.sleep(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    void stop() throws InterruptedException, IOException {
        if (ticking != null) {
            ticking.interrupt();
        }
        loop.stop();
        looking.stop();
        sampler.close();
    }

    Newest newest() {
        return newest.get();
    }

    /** For figures about ourselves. */
    State state() {
        return state;
    }

    void register(StatsClient client) {
        clients.put(client.id(), client);
    }

    void forget(StatsClient client) {
        clients.remove(client.id());
        loop.submit(new Input.Left(client.id()));
    }

    void submit(Input input) {
        loop.submit(input);
    }

    private void take(Input input) {
        var step = Core.step(state, input);
        state = step.state();
        step.effects().forEach(this::carryOut);
        step.jobs().forEach(look -> looking.submit(() -> look(look)));
    }

    private void carryOut(Effect effect) {
        switch (effect) {
            case Effect.Reply(var id, var message, var last) -> reply(id, message, last);
            case Effect.Tell tell -> tell(tell);
            case Effect.Watch(var watched) -> looking.submit(() -> sampler.add(watched));
            case Effect.Unwatch(var watched) -> looking.submit(() -> sampler.remove(watched));
            case Effect.Publish(var readings, var starts) -> {
                var now =
                        new Newest(
                                readings,
                                starts,
                                newest.get().pass() + 1,
                                System.nanoTime(),
                                passNanos);
                newest.set(now);
                exports.forEach(export -> export.accept(now));
            }
        }
    }

    private void reply(long id, Message message, boolean last) {
        StatsClient client = clients.get(id);
        if (client != null) {
            client.reply(FrameWriter.frame(message), last);
        }
    }

    /** Many frames are put at once: each put costs the reader a look at its outbox. */
    private void tell(Effect.Tell tell) {
        var chunk = ByteBuffer.allocate(CHUNK_BYTES);
        int count = 0;
        for (Effect.Named named : tell.samples()) {
            var header = new Header(tell.version(), 0, named.name());
            ByteBuffer frame =
                    FrameWriter.frame(Message.telling(header, new Data.Statistics(named.sample())));
            if (frame.remaining() > chunk.remaining()) {
                put(tell.clients(), chunk.flip(), count);
                chunk = ByteBuffer.allocate(Math.max(CHUNK_BYTES, frame.remaining()));
                count = 0;
            }
            chunk.put(frame);
            count++;
        }
        // What waits in an outbox must not hold much more memory than is counted there.
        var rest = ByteBuffer.allocate(chunk.position()).put(chunk.flip()).flip();
        put(tell.clients(), rest, count);
    }

    private void put(List<Long> ids, ByteBuffer frames, int count) {
        for (long id : ids) {
            StatsClient client = clients.get(id);
            if (client != null) {
                client.tell(frames, count);
            }
        }
    }

    private void look(Look look) {
        long before = threads.getCurrentThreadCpuTime();
        Pass pass;
        try {
            pass = sampler.pass(look.all());
        } catch (IOException e) {
            LOG.warn("cannot look at processes: {}", e.getMessage());
            pass = new Pass(List.of(), List.of());
        }
        passNanos = threads.getCurrentThreadCpuTime() - before;
        loop.submit(new Input.Sampled(pass));
    }
}
