package vmm.client;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The terminal that the user sits at: its size and its keys, asked for and set with stty. */
final class Screen {
    private static final File TTY = new File("/dev/tty");
    private static final int COLUMNS_MIN = 20;
    private static final int LINES_MIN = 5;
    private static final long STTY_SECONDS_MAX = 2;

    /**
     * Lines and columns.
     *
     * @param lines at least {@value #LINES_MIN}
     * @param columns at least {@value #COLUMNS_MIN}
     */
    record Size(int lines, int columns) {
        static final Size DEFAULT = new Size(24, 80);
    }

    private Screen() {}

    static Optional<Integer> columns(Terminal terminal) {
        return terminal.live() ? size().map(Size::columns) : Optional.empty();
    }

    static Optional<Size> size() {
        return stty("size").flatMap(Screen::parsed);
    }

    private static Optional<Size> parsed(String text) {
        String[] words = text.strip().split(" ", -1);
        if (words.length != 2 || !(words[0] + words[1]).matches("[0-9]{2,10}")) {
            return Optional.empty();
        }
        int lines = Integer.parseInt(words[0]);
        int columns = Integer.parseInt(words[1]);
        return columns == 0
                ? Optional.empty()
                : Optional.of(new Size(Math.max(LINES_MIN, lines), Math.max(COLUMNS_MIN, columns)));
    }

    /** What stty prints; empty where there is no terminal or no stty. */
    static Optional<String> stty(String... arguments) {
        var command = new java.util.ArrayList<>(java.util.List.of("stty"));
        command.addAll(java.util.List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectInput(TTY)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            String text =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor(STTY_SECONDS_MAX, TimeUnit.SECONDS) && process.exitValue() == 0
                    ? Optional.of(text)
                    : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
