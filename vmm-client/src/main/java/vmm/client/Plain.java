package vmm.client;

/**
 * A command that needs no arguments. With {@linkplain SharedOptions#takePlain the plainest options}
 * or none it runs without a parser, whose model of the command costs more time than all the rest.
 */
interface Plain {
    SharedOptions common();

    /** The exit code. */
    Integer call() throws ClientFailure;
}
