package vmm.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The socket comes from the init system. */
class ActivationTest {
    /** Does what systemd does: listens, hands down descriptor 3, names the pid. */
    private static final String PERL =
            "use IO::Socket::UNIX; use POSIX (); $^F = 10; my $p = shift;"
                    + "my $s = IO::Socket::UNIX->new(Local => $p, Listen => 128) or die $!;"
                    + "POSIX::dup2(fileno($s), 3) if fileno($s) != 3;"
                    + "$ENV{LISTEN_PID} = $$; $ENV{LISTEN_FDS} = 1; exec @ARGV;";

    @TempDir private Path folder;

    @Test
    void socket_isTakenOver_andCallsOnItAreAnswered() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/perl")), "needs perl");
        Path socket = SeparateSupervisor.socket(folder);
        Files.createDirectories(socket.getParent());
        var prefix = List.of("/usr/bin/perl", "-e", PERL, socket.toString());
        try (var supervisor =
                SeparateSupervisor.start(folder, prefix, "--systemd-socket-activation")) {
            supervisor.started(Calls.plain("d"));
            Calls.ok(supervisor.exec("d", "p", "exit 3"));
            assertThat(supervisor.event("d").data().exitStatus()).isEqualTo(3);
        }
    }

    @Test
    void start_fails_withTheNextStep_whenNothingWasHandedDown() {
        assertThatThrownBy(
                        () ->
                                SeparateSupervisor.start(
                                        folder, List.of(), "--systemd-socket-activation"))
                .hasMessageContaining("start this from a socket unit");
    }
}
