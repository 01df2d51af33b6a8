package vmm.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.daemon.http.HttpClient;
import vmm.os.Libc;
import vmm.os.Processes;
import vmm.wire.supervisor.DomainsResponse;
import vmm.wire.supervisor.DomainsResponse.State;
import vmm.wire.supervisor.EventData;

/** BEHAVIOUR 14.8: what survives a supervisor's death is taken over, not left and doubled. */
class AdoptionTest {
    @TempDir private Path folder;

    private static DomainsResponse domains(Calls calls) throws Exception {
        return DomainsResponse.parse(Calls.ok(calls.client().get("/domains", Calls.PATIENCE)));
    }

    private static void awaitEnd(int pid) throws InterruptedException {
        long end = System.nanoTime() + 10_000_000_000L;
        while (Processes.startTicks(pid) != 0 && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        assertThat(Processes.startTicks(pid)).isZero();
    }

    @Test
    void survivors_areTakenOver_withTheEndOfTheOnesThatAreGone() throws Exception {
        Path gate = folder.resolve("gate");
        long lives;
        int dies;
        try {
            var first = SeparateSupervisor.start(folder, List.of());
            first.started(Calls.plain("d"));
            String wait = "while ! [ -e " + gate + " ]; do sleep 0.1; done; exit 7";
            lives = Calls.pid(first.exec("d", "lives", wait));
            dies = (int) Calls.pid(first.exec("d", "dies", "sleep 100"));
            Calls.ok(first.exec("d", "early", "exit 3"));
            assertThat(first.event("d").data()).isEqualTo(EventData.exited("d", "early", 3));
            first.crash();
            Libc.kill(-dies, Libc.SIGKILL);
            awaitEnd(dies);
        } finally {
            assertThat(Files.exists(SeparateSupervisor.socket(folder))).isTrue();
        }
        try (var second = SeparateSupervisor.start(folder, List.of())) {
            DomainsResponse.Domain domain = domains(second).domains().getFirst();
            assertThat(domain.state()).isEqualTo(State.STARTED);
            assertThat(domain.processes())
                    .extracting(DomainsResponse.Process::name)
                    .containsExactlyInAnyOrder("lives", "dies", "early");
            // The end of "dies" is told, though nobody saw how.
            assertThat(second.event("d").data()).isEqualTo(EventData.ended("d", "dies"));
            assertThat(pid(domain, "lives")).isEqualTo(lives);
            assertThat(second.exec("d", "lives", "true").status()).isEqualTo(409);
            Files.createFile(gate);
            EventData end = second.event("d").data();
            if ("early".equals(end.name())) {
                // It was read, and the crash came before that was noted: told once more.
                end = second.event("d").data();
            }
            assertThat(end.name()).isEqualTo("lives");
            // Linux 6.15 and newer tell a stranger how a process ended.
            assertThat(Optional.ofNullable(end.exitStatus()))
                    .isIn(Optional.of(7), Optional.empty());
            Calls.ok(second.exec("d", "lives", "true"));
            HttpClient.Reply stopped = second.stop("d", Calls.PATIENCE);
            assertThat(stopped.status()).isEqualTo(200);
        }
    }

    private static long pid(DomainsResponse.Domain domain, String name) {
        return domain.processes().stream()
                .filter(p -> p.name().equals(name))
                .findFirst()
                .orElseThrow()
                .pid();
    }

    @Test
    void frozenDomain_isStillFrozen_andCanBeThawedOrKilled() throws Exception {
        int pid;
        var first = SeparateSupervisor.start(folder, List.of());
        first.started(Calls.plain("d"));
        pid = (int) Calls.pid(first.exec("d", "p", "while :; do :; done"));
        HttpClient.Reply frozen = first.call("/freeze", "d");
        first.crash();
        try (var second = SeparateSupervisor.start(folder, List.of())) {
            assumeTrue(frozen.status() == 200, "needs root and control groups");
            assertThat(domains(second).domains().getFirst().state()).isEqualTo(State.FROZEN);
            assertThat(second.kill("d", "p", Calls.PATIENCE).status()).isEqualTo(200);
            awaitEnd(pid);
            Calls.ok(second.call("/thaw", "d"));
            Calls.ok(second.exec("d", "p", "true"));
        }
    }

    @Test
    void anotherBootsRecords_areForgotten_andBrokenOnesToo() throws Exception {
        Path records = Files.createDirectories(folder.resolve("supervisor"));
        Files.writeString(records.resolve("64.json"), "{\"boot_id\":\"other\"");
        Files.writeString(records.resolve("65.json.new"), "half");
        try (var supervisor = SeparateSupervisor.start(folder, List.of())) {
            assertThat(domains(supervisor).domains()).isEmpty();
            assertThat(supervisor.log()).contains("cannot be understood");
        }
    }

    @Test
    void leaveRunning_leavesThemToTheNext() throws Exception {
        var first = SeparateSupervisor.start(folder, List.of(), "--leave-running");
        first.started(Calls.plain("d"));
        long pid = Calls.pid(first.exec("d", "p", "sleep 100"));
        first.close();
        assertThat(Processes.startTicks((int) pid)).isNotZero();
        var second = SeparateSupervisor.start(folder, List.of());
        assertThat(pid(domains(second).domains().getFirst(), "p")).isEqualTo(pid);
        second.close();
        awaitEnd((int) pid);
    }
}
