package vmm.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** At least one line of every command, by whom it asks. */
record EveryCommand(Path folder) {
    /** Those that ask a daemon in frames. */
    List<String> ofDaemons() throws IOException {
        Path image = Files.write(folder.resolve("image"), Tiny.image());
        Path content = Files.writeString(folder.resolve("content"), "x".repeat(5000));
        return List.of(
                "info",
                "create x " + image,
                "create x " + image + " --dry-run",
                "create x " + image + " --force",
                "restart x",
                "restart x --replace-arguments --mem 64",
                "destroy x",
                "get x " + got(),
                "update x --http-host http://127.0.0.1:1",
                "apply -f " + declaration(),
                "apply -f " + declaration() + " --plan",
                "config deploy " + configuration(),
                "console x",
                "console x y",
                "inactive-consoles",
                "policy",
                "policy explain foo",
                "add-policy foo 1",
                "replace-policy foo 1",
                "remove-policy -p foo",
                "block",
                "create-block b 1",
                "set-block b " + content,
                "set-block b " + content + " --compression-level 9",
                "dump-block b " + dumped(),
                "destroy-block b",
                "top",
                "stats",
                "stats-add 1 -n x",
                "stats-remove -n x");
    }

    /** Those that ask vmmd's control socket. */
    static List<String> ofControl() {
        return List.of(
                "pause x",
                "pause x --until-traffic",
                "resume x",
                "limits x",
                "limits x --cpu 0.5",
                "events",
                "events --follow");
    }

    /** Those that ask nobody on this host, each line wrong in itself. */
    static List<String> ofNobody() {
        return List.of(
                "certificate none.pem none.key",
                "generate ca",
                "sign none.pem db none.key none.req",
                "enrol ..",
                "delegate none 1 --ca-key none.key",
                "revoke none.pem none.key none.pem",
                "lint none.pem",
                "inspect-dump extra",
                "extract-dump",
                "config describe none.yaml",
                "doctor extra",
                "completion csh",
                "wire translate");
    }

    /** What {@code get} and {@code dump-block} must leave alone unless they succeed. */
    List<Path> results() {
        return List.of(got(), dumped());
    }

    private Path got() {
        return folder.resolve("got");
    }

    private Path dumped() {
        return folder.resolve("dumped");
    }

    private Path declaration() throws IOException {
        return Files.writeString(
                folder.resolve("host.yaml"), "unikernels: {x: {image: image, memory: 16}}\n");
    }

    private Path configuration() throws IOException {
        return Files.writeString(
                folder.resolve("config.yaml"),
                """
                name: x
                jobs: [foreign "M" job]
                deploy: {image: image}
                """);
    }
}
