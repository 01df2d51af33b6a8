package vmm.core;

/** How a process ended; an exit code of 137 and death by SIGKILL are two things. */
public sealed interface ExitStatus {
    /**
     * @param code 0 to 255
     */
    record Exited(int code) implements ExitStatus {
        @Override
        public String toString() {
            return "exit code " + code;
        }
    }

    /**
     * @param signal the number of the signal, from 1
     */
    record Signalled(int signal) implements ExitStatus {
        @Override
        public String toString() {
            return "signal " + signal;
        }
    }

    /** Killed by the kernel because its memory ceiling was reached. */
    record OutOfMemory() implements ExitStatus {
        @Override
        public String toString() {
            return "out of memory";
        }
    }

    /** It ended while nobody could see how. */
    record Unknown() implements ExitStatus {
        @Override
        public String toString() {
            return "unknown exit status";
        }
    }
}
