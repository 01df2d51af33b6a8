package vmm.tender;

/** The tender, started by somebody who left its stdout non-blocking. */
final class NonBlockingConsole {
    private static final long FCNTL = 72;
    private static final long F_SETFL = 4;

    private NonBlockingConsole() {}

    public static void main(String[] arguments) throws Failure {
        new Kernel().call(FCNTL, 1, F_SETFL, Kernel.O_NONBLOCK);
        TenderMain.main(arguments);
    }
}
