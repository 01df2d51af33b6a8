package vmm.console;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.console.core.Consoles;
import vmm.core.Name;
import vmm.daemon.CoreLoop;
import vmm.daemon.Outbox;
import vmm.daemon.ServiceConnection;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.channel.FrameReader;
import vmm.wire.channel.FrameWriter;

/** One connection to the console: vmmd's, or a subscriber's. */
final class ConsoleClient implements Consoles.Listener {
    private static final Logger LOG = LogManager.getLogger(ConsoleClient.class);

    /** What may wait for a subscriber that reads slowly. */
    private static final int OUTBOX_BYTES_MAX = 2 * 1024 * 1024;

    /** Who is still there then takes a place; who asked for the past alone has gone. */
    private static final Duration SETTLE = Duration.ofMillis(250);

    /** How long what waits for one that is through may take. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    private final ServiceConnection connection;
    private final CoreLoop<Runnable> loop;
    private final Consoles consoles;
    private final Fifos fifos;
    private final Outbox outbox;
    private final ConsoleFigures figures;
    private volatile Header header = Header.of(Name.ROOT);
    private volatile boolean utc;

    ConsoleClient(
            SocketChannel channel,
            CoreLoop<Runnable> loop,
            Consoles consoles,
            Fifos fifos,
            ConsoleFigures figures,
            Outbox.Room room) {
        this.figures = figures;
        connection = new ServiceConnection(channel);
        this.loop = loop;
        this.consoles = consoles;
        this.fifos = fifos;
        outbox = new Outbox(OUTBOX_BYTES_MAX, room, this::lost);
    }

    private ByteBuffer lost(long lines) {
        String text = "[" + lines + " lines lost: this subscriber reads too slowly]";
        return FrameWriter.frame(
                Message.telling(header, new Data.ConsoleLine(utc, Instant.now(), text)));
    }

    void serve() throws IOException {
        try {
            while (true) {
                try (ServiceConnection.Received received =
                        connection.receive(FrameReader.SMALL_FRAME_BYTES_MAX)) {
                    if (received == null || !answer(received.message())) {
                        return;
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns whether the connection goes on. */
    private boolean answer(Message message) throws IOException, InterruptedException {
        Header asked = message.header();
        if (!(message.payload() instanceof Message.Payload.Asked(Command.Console command))) {
            connection.send(Message.failed(asked, "only console commands are understood here"));
            return false;
        }
        switch (command) {
            case Command.ConsoleAdd(var rings) -> {
                add(asked, rings.isPresent() ? Optional.of(rings.getAsLong()) : Optional.empty());
                return true;
            }
            case Command.ConsoleListInactive() -> {
                var done = new CountDownLatch(1);
                var answer = new Message[1];
                loop.submit(
                        () -> {
                            answer[0] =
                                    Message.done(asked, consoles.listInactive(asked.name().path()));
                            done.countDown();
                        });
                done.await();
                connection.send(answer[0]);
                return false;
            }
            case Command.ConsoleSubscribe subscribe -> {
                follow(asked, subscribe);
                return false;
            }
        }
    }

    private void add(Header asked, Optional<Long> rings) throws IOException {
        try {
            fifos.add(asked.name(), rings);
            LOG.debug("reading the console of {}", asked.name());
        } catch (IOException e) {
            LOG.warn("cannot read the console of {}: {}", asked.name(), e.getMessage());
            connection.send(Message.failed(asked, "cannot read the console: " + e.getMessage()));
            return;
        }
        connection.send(Message.done(asked, new vmm.wire.Success.Empty()));
    }

    /** Sends what comes until the peer says that it has heard enough, or is put out. */
    private void follow(Header asked, Command.ConsoleSubscribe subscribe)
            throws IOException, InterruptedException {
        header = asked;
        utc = subscribe.utc();
        loop.submit(() -> consoles.subscribe(this, asked, subscribe));
        Thread writer = Thread.ofVirtual().start(this::write);
        Thread settling = Thread.ofVirtual().start(this::settle);
        figures.subscribers().increment();
        try {
            var ignored = ByteBuffer.allocate(64);
            while (connection.channel().read(ignored.clear()) >= 0) {
                // What a subscriber still says is of no interest; its end is.
                Thread.onSpinWait();
            }
        } finally {
            figures.subscribers().decrement();
            settling.interrupt();
            loop.submit(
                    () -> {
                        consoles.unsubscribe(this);
                        outbox.close();
                    });
            // One that only closed its own side still reads what it asked for.
            if (!writer.join(LINGER)) {
                writer.interrupt();
            }
        }
    }

    private void settle() {
        try {
            Thread.sleep(SETTLE);
            loop.submit(() -> consoles.settle(this, header.name()));
        } catch (InterruptedException gone) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        try {
            outbox.drainTo(connection.channel());
            connection.channel().close();
        } catch (IOException e) {
            LOG.debug("a subscriber is gone: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void put(ByteBuffer frames, int count) {
        if (!outbox.put(frames, count)) {
            figures.lost().add(count);
        }
    }

    @Override
    public void end() {
        outbox.close();
        Thread.ofVirtual().start(this::closeSoon);
    }

    /** Who is put out and never reads would stay for ever. */
    private void closeSoon() {
        try {
            Thread.sleep(LINGER);
            connection.channel().close();
        } catch (IOException e) {
            LOG.debug("closing: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void pace() throws InterruptedException {
        outbox.pace();
    }
}
