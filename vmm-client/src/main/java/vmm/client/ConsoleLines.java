package vmm.client;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import vmm.core.Name;
import vmm.wire.Data;
import vmm.wire.Message;
import vmm.wire.Message.Payload;

/**
 * Lines of consoles as they are shown; those of several have their name before them. Any thread.
 */
final class ConsoleLines {
    private static final int COLOURS = 6;
    private static final int FIRST_COLOUR = 31;

    private final Terminal terminal;
    private final SharedOptions common;
    private final List<Name> names;
    private final int width;
    private final boolean coloured;
    private final ReentrantLock one = new ReentrantLock();

    ConsoleLines(Terminal terminal, SharedOptions common, List<Name> names) {
        this.terminal = terminal;
        this.common = common;
        this.names = names;
        this.width = names.stream().mapToInt(name -> name.toString().length()).max().orElse(0);
        this.coloured = common.coloured(terminal);
    }

    void say(Name name, String text) {
        one.lock();
        try {
            terminal.say("vmm: " + (names.size() == 1 ? "" : name + ": ") + text);
        } finally {
            one.unlock();
        }
    }

    void show(Message message) throws ClientFailure {
        switch (message.payload()) {
            case Payload.Told(Data.ConsoleLine(_, var time, var line)) -> {
                String text = line(message.header().name(), Render.time(time), line);
                one.lock();
                try {
                    terminal.out().print(text);
                    terminal.out().flush();
                } finally {
                    one.unlock();
                }
            }
            case Payload.Failed(var why) -> throw ClientFailure.remote(why);
            case Payload.Done _ -> {}
            case Payload.Told _, Payload.Asked _ -> throw Desk.unexpected();
        }
    }

    private String line(Name from, String time, String line) {
        if (common.format == SharedOptions.Format.json) {
            return Json.line(from, time, line);
        }
        String when = common.isQuiet() ? "" : dim(time) + " ";
        return when + prefix(from) + Visible.text(line) + "\n";
    }

    private String dim(String time) {
        return coloured ? "\033[2m" + time + "\033[0m" : time;
    }

    private String prefix(Name from) {
        if (names.size() == 1) {
            return "";
        }
        String name = Visible.text(from.toString());
        String wide = name + " ".repeat(Math.max(0, width - name.length())) + " | ";
        int colour = FIRST_COLOUR + (Math.max(0, names.indexOf(from)) % COLOURS);
        return coloured ? "\033[" + colour + "m" + wide + "\033[0m" : wide;
    }
}
