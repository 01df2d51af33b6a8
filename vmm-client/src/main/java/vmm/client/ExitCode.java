package vmm.client;

/** The exit codes of albatross-client, kept so that scripts go on working (BEHAVIOUR 12). */
final class ExitCode {
    static final int OK = 0;
    static final int CHAIN_FAILURE = 116;
    static final int REMOTE_COMMAND_FAILED = 117;
    static final int HTTP_FAILED = 118;
    static final int LOCAL_AUTHENTICATION_FAILED = 119;
    static final int REMOTE_AUTHENTICATION_FAILED = 120;
    static final int COMMUNICATION_FAILED = 121;
    static final int CONNECT_FAILED = 122;
    static final int USAGE = 124;
    static final int INTERNAL = 125;

    private ExitCode() {}
}
