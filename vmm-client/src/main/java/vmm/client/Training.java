package vmm.client;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** One run through the ways that users take, for the AOT cache ({@code etc/train}). */
final class Training {
    private static final String[] LINES = {
        "--help",
        "info",
        "info --format json",
        "info -n x",
        "policy",
        "policy --format json",
        "block",
        "block --format json",
        "add-policy train 1 --mem 32",
        "add-policy train",
        "remove-policy -p train",
        "create x /nonexistent",
        "create x /dev/null --net a:b --block c --arg d --cpu 0 --exit-code 2 --restart",
        "restart x",
        "destroy x",
        "get x",
        "create-block train 1",
        "destroy-block train",
        "inactive-consoles",
        "policy explain train",
        "create x /dev/null --dry-run",
        "complete-words -- inf",
        "complete-words -- destroy --tmpdir",
        "complete-words -- destroy x",
        "console x --no-follow",
        "info --socket -",
        "info --socket /nonexistent",
        "config configure FOLDER/Train.java",
        "config clean FOLDER/Train.java",
        "config describe FOLDER/train.yaml -t hvt",
        "config plan FOLDER/train.yaml",
    };

    private Training() {}

    static void run(Terminal terminal) {
        try (var nowhere =
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            var quiet = new Terminal(nowhere, nowhere, terminal.environment(), false, false);
            String folder = terminal.environment().getOrDefault("VMM_TRAIN", ".");
            for (String line : LINES) {
                int _ = ClientMain.run(quiet, line.replace("FOLDER", folder).split(" ", -1));
            }
        }
    }
}
