package vmm.client;

import vmm.client.pki.PkiProblem;
import vmm.client.tls.TlsProblem;

/** Why a command ended without success: one line for the user, and the exit code. */
final class ClientFailure extends Exception {
    private static final long serialVersionUID = 1L;
    private final int exit;
    private final String line;
    private final boolean passing;

    private ClientFailure(int exit, String line, boolean passing) {
        super(line, null, false, false);
        this.exit = exit;
        this.line = line;
        this.passing = passing;
    }

    static ClientFailure usage(String line) {
        return new ClientFailure(ExitCode.USAGE, line, false);
    }

    static ClientFailure connect(String line) {
        return new ClientFailure(ExitCode.CONNECT_FAILED, line, true);
    }

    static ClientFailure communication(String line) {
        return new ClientFailure(ExitCode.COMMUNICATION_FAILED, line, true);
    }

    /** What came could not be put where it belongs. */
    static ClientFailure local(String line) {
        return new ClientFailure(ExitCode.COMMUNICATION_FAILED, line, false);
    }

    /** The other side refused. */
    static ClientFailure remote(String line) {
        return new ClientFailure(ExitCode.REMOTE_COMMAND_FAILED, withNextStep(line), isBusy(line));
    }

    /** albatross's daemons and ours say no more than that. */
    private static String withNextStep(String line) {
        if (line.endsWith("set block: not found")) {
            return line + ": make it with vmm create-block, or see vmm block";
        }
        if (line.endsWith("block: is in use")) {
            return line + ": destroy the unikernel that uses it, see vmm info";
        }
        if (line.endsWith("not found")) {
            return line + (line.contains("block") ? ": see vmm block" : ": see vmm info");
        }
        return line;
    }

    private static boolean isBusy(String line) {
        return line.endsWith("try again");
    }

    /** The other side will not do it, or does not know how. */
    boolean isRefusal() {
        return exit == ExitCode.REMOTE_COMMAND_FAILED && !isBusy(line);
    }

    /** The other side closed without a word. */
    static ClientFailure closed(String line) {
        return new ClientFailure(ExitCode.REMOTE_COMMAND_FAILED, line, true);
    }

    static ClientFailure http(String line) {
        return new ClientFailure(ExitCode.HTTP_FAILED, line, false);
    }

    /** The same, with what it is about before it. */
    ClientFailure about(String what) {
        return new ClientFailure(exit, what + ": " + line, passing);
    }

    /** The same, with what helps after it. */
    ClientFailure then(String nextStep) {
        return new ClientFailure(exit, line + ": " + nextStep, passing);
    }

    static ClientFailure of(TlsProblem problem) {
        int exit =
                switch (problem.kind()) {
                    case CHAIN -> ExitCode.CHAIN_FAILURE;
                    case LOCAL -> ExitCode.LOCAL_AUTHENTICATION_FAILED;
                    case REMOTE -> ExitCode.REMOTE_AUTHENTICATION_FAILED;
                    case CONNECT -> ExitCode.CONNECT_FAILED;
                    case COMMUNICATION -> ExitCode.COMMUNICATION_FAILED;
                };
        boolean passing = exit == ExitCode.CONNECT_FAILED || exit == ExitCode.COMMUNICATION_FAILED;
        return new ClientFailure(exit, problem.line(), passing);
    }

    static ClientFailure of(PkiProblem problem) {
        return usage(problem.line());
    }

    int exit() {
        return exit;
    }

    /** Whether it may succeed the next time, with nothing changed. */
    boolean mayPass() {
        return passing;
    }

    String line() {
        return line;
    }
}
