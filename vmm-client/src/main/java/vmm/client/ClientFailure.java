package vmm.client;

/** Why a command ended without success: one line for the user, and the exit code. */
final class ClientFailure extends Exception {
    private static final long serialVersionUID = 1L;
    private final int exit;
    private final String line;

    private ClientFailure(int exit, String line) {
        super(line, null, false, false);
        this.exit = exit;
        this.line = line;
    }

    static ClientFailure usage(String line) {
        return new ClientFailure(ExitCode.USAGE, line);
    }

    static ClientFailure connect(String line) {
        return new ClientFailure(ExitCode.CONNECT_FAILED, line);
    }

    static ClientFailure communication(String line) {
        return new ClientFailure(ExitCode.COMMUNICATION_FAILED, line);
    }

    /** The other side refused, or closed without a word. */
    static ClientFailure remote(String line) {
        return new ClientFailure(ExitCode.REMOTE_COMMAND_FAILED, line);
    }

    static ClientFailure http(String line) {
        return new ClientFailure(ExitCode.HTTP_FAILED, line);
    }

    /** The same, with what it is about before it. */
    ClientFailure about(String what) {
        return new ClientFailure(exit, what + ": " + line);
    }

    int exit() {
        return exit;
    }

    String line() {
        return line;
    }
}
