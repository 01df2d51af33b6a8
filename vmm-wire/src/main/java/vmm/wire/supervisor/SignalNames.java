package vmm.wire.supervisor;

import java.util.List;

/** The words Go has for Linux signals. */
final class SignalNames {
    private static final List<String> NAMES =
            List.of(
                    "hangup",
                    "interrupt",
                    "quit",
                    "illegal instruction",
                    "trace/breakpoint trap",
                    "aborted",
                    "bus error",
                    "floating point exception",
                    "killed",
                    "user defined signal 1",
                    "segmentation fault",
                    "user defined signal 2",
                    "broken pipe",
                    "alarm clock",
                    "terminated",
                    "stack fault",
                    "child exited",
                    "continued",
                    "stopped (signal)",
                    "stopped",
                    "stopped (tty input)",
                    "stopped (tty output)",
                    "urgent I/O condition",
                    "CPU time limit exceeded",
                    "file size limit exceeded",
                    "virtual timer expired",
                    "profiling timer expired",
                    "window changed",
                    "I/O possible",
                    "power failure",
                    "bad system call");

    private SignalNames() {}

    static String of(int signo) {
        return signo >= 1 && signo <= NAMES.size() ? NAMES.get(signo - 1) : "signal " + signo;
    }
}
