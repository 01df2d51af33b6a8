package vmm.client;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import vmm.core.Bytes;
import vmm.core.FailBehaviour;
import vmm.core.Name;
import vmm.core.Typ;
import vmm.core.UnikernelInfo;
import vmm.wire.Decoded;
import vmm.wire.Form;
import vmm.wire.Message;
import vmm.wire.Success;
import vmm.wire.der.WireCodec;

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
        "complete-words -- destroy-block x",
        "complete-words -- add-policy x",
        "complete-words -- info --form",
        "console x --no-follow",
        "info --socket -",
        "info --socket /nonexistent",
    };

    /** With a cache of their own: the Java compiler that they use makes every start slower. */
    private static final String[] CONFIG_LINES = {
        "config configure FOLDER/Train.java",
        "config clean FOLDER/Train.java",
        "config describe FOLDER/train.yaml -t hvt",
        "config plan FOLDER/train.yaml",
    };

    private Training() {}

    /**
     * Runs through them.
     *
     * @param arguments {@code config} for its lines alone, or nothing for those of the others
     */
    static void run(Terminal terminal, String... arguments) {
        try (var nowhere =
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            var quiet = new Terminal(nowhere, nowhere, terminal.environment(), false, false);
            String folder = terminal.environment().getOrDefault("VMM_TRAIN", ".");
            for (String line : arguments.length > 0 ? CONFIG_LINES : LINES) {
                int _ = ClientMain.run(quiet, line.replace("FOLDER", folder).split(" ", -1));
            }
            showOne(quiet);
        }
    }

    /** Shows a unikernel, of which there is none while training. */
    private static void showOne(Terminal quiet) {
        var info =
                new UnikernelInfo(
                        Typ.SOLO5,
                        OptionalLong.empty(),
                        FailBehaviour.QUIT,
                        new TreeSet<>(List.of(0L)),
                        32,
                        Bytes.EMPTY,
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        Optional.of(Instant.now()),
                        1,
                        Optional.empty());
        var named = List.of(new Success.Named<>(Name.parse("train:x"), info));
        var answer = new Success.Info(Form.Info.V6, named);
        var reply = Message.done(Release.NEWEST.header(Name.ROOT), answer);
        if (WireCodec.decode(Bytes.of(WireCodec.encode(reply)))
                        instanceof Decoded.Of<Message>(var message)
                && message.payload() instanceof Message.Payload.Done(Success.Info came)) {
            Render.infos(came, Instant.now()).print(quiet, new SharedOptions());
        }
    }
}
