package vmm.client;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import vmm.core.Name;
import vmm.wire.Command;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.Success;
import vmm.wire.der.WireCodec;

/** Where commands are handed in: sends one, shows the answer, tells the exit code. */
record Desk(Terminal terminal, SharedOptions common) {
    /** What to do with an answer that is no failure. */
    @FunctionalInterface
    interface Taker {
        void take(Success success) throws ClientFailure;
    }

    /** Asks vmmd and shows what it answers. */
    int ask(Name name, Command command) throws ClientFailure {
        return ask("vmmd", name, command, this::show);
    }

    int ask(String daemon, Name name, Command command, Taker taker) throws ClientFailure {
        Message request = request(name, command);
        if (common.printsRequest()) {
            return print(request);
        }
        try (Conversation talk = open(daemon)) {
            talk.ask(request);
            taker.take(success(talk.answer()));
        }
        return ExitCode.OK;
    }

    /** Asks, for an answer that is no image: its content is gone with the connection. */
    Success fetch(String daemon, Name name, Command command) throws ClientFailure {
        if (common.printsRequest()) {
            throw ClientFailure.usage(
                    "this command asks more than once: leave out --socket -, --destination - and"
                            + " --csr, or take the commands that it stands for");
        }
        try (Conversation talk = open(daemon)) {
            talk.ask(request(name, command));
            return success(talk.answer());
        }
    }

    Message request(Name name, Command command) throws ClientFailure {
        Optional<String> missing = common.release.missing(command);
        if (missing.isPresent()) {
            throw ClientFailure.usage(missing.get());
        }
        return Message.asking(common.release.header(name), command);
    }

    Conversation open(String daemon) throws ClientFailure {
        if (common.remote.isUsed()) {
            return Conversation.remote(common.remote, common.release);
        }
        Path socket = common.socket(daemon, terminal);
        if (common.isVerbose()) {
            terminal.say("vmm: asking " + socket);
        }
        return Conversation.open(socket, common.release);
    }

    /** As albatross: the request is shown, and nothing was communicated. */
    int print(Message request) throws ClientFailure {
        if (common.remote.csr) {
            terminal.say("vmm: " + common.remote.writeRequest(request));
            return ExitCode.OK;
        }
        if (common.remote.isUsed()) {
            terminal.out().print(common.remote.certificates(request));
            return ExitCode.COMMUNICATION_FAILED;
        }
        terminal.out().print("out:\n" + HexDump.of(ByteBuffer.wrap(WireCodec.encode(request))));
        return ExitCode.COMMUNICATION_FAILED;
    }

    /** What the answer says if it is a success. */
    static Success success(Message answer) throws ClientFailure {
        return switch (answer.payload()) {
            case Payload.Done(var success) -> success;
            case Payload.Failed(var why) -> throw ClientFailure.remote(why);
            case Payload.Asked _, Payload.Told _ ->
                    throw ClientFailure.communication(
                            "the answer is neither success nor failure: is --socket that of the"
                                    + " right daemon?");
        };
    }

    void show(Success success) throws ClientFailure {
        if (common.isQuiet()) {
            names(success).forEach(terminal.out()::println);
        } else if (common.format == SharedOptions.Format.json) {
            terminal.out().print(json(success));
        } else {
            text(success);
        }
    }

    /** Whose names an answer lists. */
    static Stream<Name> names(Success success) {
        return switch (success) {
            case Success.Policies(var list) -> list.stream().map(Success.Named::name);
            case Success.Info(_, var list) -> list.stream().map(Success.Named::name);
            case Success.Unikernels(var list) -> list.stream().map(Success.Named::name);
            case Success.BlockDevices(var list) -> list.stream().map(Success.BlockDevice::name);
            case Success.Consoles(var list) -> list.stream();
            case Success.Empty _,
                    Success.Text _,
                    Success.Image _,
                    Success.BlockImageOld _,
                    Success.BlockImage _,
                    Success.Held _ ->
                    Stream.empty();
        };
    }

    private static String json(Success success) throws ClientFailure {
        return switch (success) {
            case Success.Empty() -> Json.text("");
            case Success.Text(var text) -> Json.text(text);
            case Success.Policies list -> Json.policies(list);
            case Success.Info list -> Json.infos(list);
            case Success.BlockDevices list -> Json.blocks(list);
            case Success.Consoles list -> Json.consoles(list);
            case Success.Unikernels(var list) ->
                    Json.consoles(
                            new Success.Consoles(list.stream().map(Success.Named::name).toList()));
            case Success.Image _, Success.BlockImageOld _, Success.BlockImage _, Success.Held _ ->
                    throw unexpected();
        };
    }

    private void text(Success success) throws ClientFailure {
        switch (success) {
            case Success.Empty() -> terminal.out().println("done");
            case Success.Text(var text) -> terminal.out().println(Visible.text(text));
            case Success.Policies list -> Render.policies(list).print(terminal, common);
            case Success.Info list -> Render.infos(list, Instant.now()).print(terminal, common);
            case Success.BlockDevices list -> Render.blocks(list).print(terminal, common);
            case Success.Consoles _, Success.Unikernels _ ->
                    names(success).forEach(terminal.out()::println);
            case Success.Image _, Success.BlockImageOld _, Success.BlockImage _, Success.Held _ ->
                    throw unexpected();
        }
    }

    static ClientFailure unexpected() {
        return ClientFailure.communication("the answer is not what was asked for");
    }
}
