package vmm.tender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a tender that a guest has taken over could still ask of the kernel. */
class SandboxTest {
    private static final int KILLED_BY_SIGSYS = 128 + 31;

    @BeforeAll
    static void needsLinux() {
        assumeTrue(
                System.getProperty("os.name").equals("Linux")
                        && System.getProperty("os.arch").equals("amd64"),
                "SKIPPED: not Linux on x86_64");
    }

    private static Run call(String arguments) throws IOException {
        List<String> command = Run.command("vmm.tender.ForbiddenCall");
        command.addAll(List.of(arguments.split(" ", -1)));
        return Run.run(command);
    }

    @ParameterizedTest
    @CsvSource({
        "socket,41 2 1 0",
        "connect,42 3 0 0",
        "execve,59 0 0 0",
        "execveat,322 -100 0 0",
        "fork,57",
        "clone without CLONE_THREAD,56 17 0 0",
        "kill,62 1 0",
        "ptrace,101 0 0 0",
        "process_vm_writev,311 1 0 0",
        "setuid,105 0",
        "unshare,272 0",
        "mount,165 0 0 0",
        "io_uring_setup,425 1 0 0",
        "bpf,321 0 0 0",
        "rename,82 0 0 0",
        "ioctl that makes a machine,16 0 44545 0",
        "prctl that sets the dumpable flag,157 4 1 0",
        "sendmsg,46 1 0 0",
        "memfd_create,319 0 0 0",
        "pidfd_getfd,438 0 0 0",
        "sched_setaffinity,203 0 0 0",
        "x32 write,1073741825 1 0 0"
    })
    void tender_isKilled_thatMakesACallItDoesNotNeed(String name, String arguments)
            throws IOException {
        assertThat(call(arguments)).as(name).isEqualTo(new Run(KILLED_BY_SIGSYS, "", ""));
    }

    @ParameterizedTest
    @CsvSource({
        "open,2 0 0 0,-13",
        "openat,257 -100 0 0,-13",
        "readlink,89 0 0 0,-13",
        "unlink,87 0 0 0,-13",
        "clone3,435 0 0 0,-38"
    })
    void call_fails_thatTheJvmMakes(String name, String arguments, String result)
            throws IOException {
        assertThat(call(arguments)).as(name).isEqualTo(new Run(0, result, ""));
    }

    @ParameterizedTest
    @CsvSource({"brk,12 0", "sysinfo,99 -1", "sched_yield,24"})
    void call_isMade_thatTheJvmNeeds(String name, String arguments) throws IOException {
        Run run = call(arguments);
        assertThat(run.status()).as(name).isZero();
        assertThat(run.out()).as(name).isNotEqualTo("-13").isNotEmpty();
    }
}
