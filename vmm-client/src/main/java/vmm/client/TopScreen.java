package vmm.client;

import java.io.FileInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import vmm.core.Name;
import vmm.wire.Command.StatsSubscribe;
import vmm.wire.Command.UnikernelInfo;
import vmm.wire.Data;
import vmm.wire.Message.Payload;
import vmm.wire.Success;

/**
 * Unikernels and what they use, on the whole screen until {@code q} or an interrupt; elsewhere than
 * on a terminal one picture. Puts the terminal back as it was, however it ends.
 */
@Command(
        name = "top",
        description = {
            "Show what unikernels use, live.",
            "Keys: c m w n r u sort by CPU, memory, network, name, restarts seen and time up (again:"
                    + " the other way round), q quits."
        })
final class TopScreen implements Callable<Integer> {
    private static final long REFRESH_MILLIS = 1000;
    private static final long FIRST_RATES_MILLIS = 12_000;
    private static final String ENTER = "\033[?1049h\033[?25l";
    private static final String LEAVE = "\033[?25h\033[?1049l";

    private final Terminal terminal;
    @Mixin SharedOptions common = new SharedOptions();

    @Option(
            names = {"-n", "--name"},
            converter = Spelling.OfName.class,
            description = "a path ending in a colon (default: all)")
    Name name = Name.ROOT;

    @Option(names = "--sort", description = "${COMPLETION-CANDIDATES} (default: cpu)")
    TopModel.Sort sort = TopModel.Sort.cpu;

    private final TopModel model = new TopModel();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean pressed;
    private boolean quit;
    private boolean deaf;

    TopScreen(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws ClientFailure {
        model.sort = sort;
        var desk = new Desk(terminal, common);
        ask(desk);
        Thread.ofVirtual().start(() -> listen(desk));
        Optional<String> before =
                terminal.live() ? Screen.stty("-g").map(String::strip) : Optional.empty();
        return before.isPresent() ? onScreen(desk, before.get()) : once(desk);
    }

    private int once(Desk desk) throws ClientFailure {
        Screen.Size size = new Screen.Size(Integer.MAX_VALUE, Integer.MAX_VALUE);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(FIRST_RATES_MILLIS);
        lock.lock();
        try {
            while (!model.hasRates() && !deaf && System.nanoTime() < end) {
                boolean _ = changed.await(REFRESH_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        ask(desk);
        terminal.out().print(picture(size));
        return ExitCode.OK;
    }

    private int onScreen(Desk desk, String before) throws ClientFailure {
        var restore = new Thread(() -> restore(before));
        Runtime.getRuntime().addShutdownHook(restore);
        try {
            Screen.stty("-icanon", "-echo", "min", "1");
            terminal.out().print(ENTER);
            tell(this::showKeys);
            Thread.ofPlatform().daemon().name("keys").start(this::keys);
            while (!draw()) {
                ask(desk);
            }
        } finally {
            Runtime.getRuntime().removeShutdownHook(restore);
            restore(before);
        }
        return ExitCode.OK;
    }

    private void restore(String before) {
        terminal.out().print(LEAVE);
        terminal.out().flush();
        Screen.stty(before);
    }

    /** Draws and waits a while; true when the user has had enough. */
    private boolean draw() {
        String text = picture(Screen.size().orElse(Screen.Size.DEFAULT));
        terminal.out().print("\033[H" + text.replace("\n", "\033[K\r\n") + "\033[J");
        terminal.out().flush();
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(REFRESH_MILLIS);
            for (pressed = false; !pressed && left > 0; ) {
                left = changed.awaitNanos(left);
            }
            return quit;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private String picture(Screen.Size size) {
        lock.lock();
        try {
            return model.picture(size, Instant.now(), common.coloured(terminal));
        } finally {
            lock.unlock();
        }
    }

    private void ask(Desk desk) throws ClientFailure {
        var command = new UnikernelInfo(common.release.info());
        if (desk.fetch("vmmd", name, command) instanceof Success.Info(_, var infos)) {
            lock.lock();
            try {
                model.infos(infos);
            } finally {
                lock.unlock();
            }
        }
    }

    private void listen(Desk desk) {
        try (Conversation talk = desk.open(Statistics.DAEMON)) {
            talk.ask(desk.request(name, new StatsSubscribe()));
            Success _ = Desk.success(talk.answer());
            for (var next = talk.next(); next.isPresent(); next = talk.next()) {
                if (next.get().payload() instanceof Payload.Told(Data.Statistics(var sample))) {
                    Name from = next.get().header().name();
                    long now = System.nanoTime();
                    tell(() -> model.sample(from, sample, now));
                }
            }
            deaf("vmm-stats has ended: no more figures");
        } catch (ClientFailure failure) {
            deaf("no figures: " + failure.line());
        }
    }

    private void showKeys() {
        if (!deaf) {
            model.note(TopModel.KEYS);
        }
    }

    private void deaf(String why) {
        tell(
                () -> {
                    deaf = true;
                    model.note(why);
                    changed.signalAll();
                });
    }

    /** Changes the model; what is shown follows at the next refresh, or at once after a key. */
    private void tell(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }

    private void keys() {
        try (var in = new FileInputStream("/dev/tty")) {
            for (int key = in.read(); key >= 0; key = in.read()) {
                lock.lock();
                try {
                    pressed = true;
                    quit = key == 'q';
                    model.pressed(key);
                    changed.signalAll();
                    if (quit) {
                        return;
                    }
                } finally {
                    lock.unlock();
                }
            }
        } catch (IOException e) {
            tell(() -> model.note("the keyboard cannot be read: " + e.getMessage()));
        }
    }
}
