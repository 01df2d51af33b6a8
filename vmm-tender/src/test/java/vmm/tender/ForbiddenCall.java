package vmm.tender;

/**
 * A program that goes behind the tender's walls and then makes one system call.
 *
 * <p>Arguments: the number of the call, then its own, all decimal; its result goes to stdout.
 */
final class ForbiddenCall {
    private static final int ARGUMENTS_MAX = 4;

    private ForbiddenCall() {}

    public static void main(String[] arguments) throws Failure {
        var kernel = new Kernel();
        var values = new long[ARGUMENTS_MAX];
        for (int i = 0; i < arguments.length; i++) {
            values[i] = Long.parseLong(arguments[i]);
        }
        Sandbox.enter(kernel, new long[0]);
        long result = kernel.call(values[0], values[1], values[2], values[3]);
        kernel.tell(1, Long.toString(result));
        kernel.exit(0);
    }
}
