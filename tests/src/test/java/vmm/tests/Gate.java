package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The way in from outside: a suite, a CA whose files are in a folder, and a port. */
final class Gate implements AutoCloseable {
    private static final String ENDPOINT = "vmm-tls-endpoint";

    private final Suite suite;
    private final Path folder;
    private final int port;

    private Gate(Suite suite, Path folder, int port) {
        this.suite = suite;
        this.folder = folder;
        this.port = port;
    }

    /** The endpoint does not run yet. */
    static Gate build(Suite suite, Path folder, String... generateOptions) throws IOException {
        var generate = new ArrayList<>(List.of("generate", "ca", "db"));
        generate.addAll(List.of(generateOptions));
        Suite.Result made = suite.vmmIn(folder, generate.toArray(String[]::new));
        assertThat(made.exit()).as(made.err()).isZero();
        Files.createDirectory(folder.resolve("crls"));
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new Gate(suite, folder, socket.getLocalPort());
        }
    }

    /** Starts the endpoint on the port. */
    Gate open(String... options) throws IOException {
        var all = new ArrayList<>(List.of("--ip", "127.0.0.1", "--port", String.valueOf(port)));
        all.addAll(List.of(options));
        suite.startDaemon(ENDPOINT, arguments(all.toArray(String[]::new)));
        Suite.await("the endpoint listens", this::answers);
        return this;
    }

    /** Starts the endpoint on a Unix socket. */
    void open(Path socket) throws IOException {
        suite.startDaemon(ENDPOINT, arguments("--listen", socket.toString()));
        Suite.await("the endpoint listens", () -> Suite.accepts(socket));
    }

    /** The endpoint's: options, and the files that it needs. */
    String[] arguments(String... options) {
        var all = new ArrayList<>(List.of(options));
        all.addAll(List.of("--crls", at("crls"), "--crls-seen", at("seen")));
        all.addAll(List.of("--handshake-seconds", String.valueOf(Suite.PATIENCE.toSeconds())));
        all.addAll(List.of(at("cacert.pem"), at("server.pem"), at("server.key")));
        return all.toArray(String[]::new);
    }

    private boolean answers() {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    Suite suite() {
        return suite;
    }

    int port() {
        return port;
    }

    String at(String file) {
        return folder.resolve(file).toString();
    }

    String destination() {
        return "127.0.0.1:" + port;
    }

    /** A run of the client in the folder of the certificates. */
    Suite.Result local(String... arguments) {
        return suite.vmmIn(folder, arguments);
    }

    /** Asks through the endpoint, as the CA itself. */
    Suite.Result remote(String... arguments) {
        return remoteAs("cacert.pem", "ca.key", arguments);
    }

    Suite.Result remoteAs(String ca, String key, String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--destination", destination(), "--ca", ca, "--ca-key", key));
        return local(all.toArray(String[]::new));
    }

    /** A certificate {@code name.pem} of a command, signed by the CA. */
    void sign(String name, String... command) {
        var request = new ArrayList<>(List.of(command));
        request.add("--csr");
        Suite.Result asked = local(request.toArray(String[]::new));
        assertThat(asked.exit()).as(asked.err()).isZero();
        Suite.Result signed = local("sign", "cacert.pem", "db", "ca.key", name + ".req");
        assertThat(signed.exit()).as(signed.err()).isZero();
    }

    /** Ends the endpoint; the suite goes on. */
    @Override
    public void close() {
        try {
            suite.stop(ENDPOINT);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
