package vmm.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.DomainRecord;
import vmm.wire.supervisor.DomainsResponse.State;

/** Which call is legal in which state. */
class StateTableTest {
    private final Clock clock = Clock.systemUTC();
    private final Keeper keeper =
            new Keeper() {
                @Override
                public void keep(String domain, DomainRecord record) {}

                @Override
                public boolean keep(String domain, DomainRecord.Process process) {
                    return true;
                }

                @Override
                public void forget(String domain) {}
            };

    @Test
    void table_ofTheContract_holds() {
        var calls = new ArrayList<String>();
        for (State state : State.values()) {
            for (String call : List.of("configure", "start", "freeze", "thaw", "stop", "remove")) {
                calls.add(state + " " + call + " " + outcomeOf(state, call));
            }
        }
        assertThat(calls)
                .containsExactlyInAnyOrder(
                        "CONFIGURED configure ok",
                        "CONFIGURED start ok",
                        "CONFIGURED freeze INVALID_STATE",
                        "CONFIGURED thaw INVALID_STATE",
                        "CONFIGURED stop ok",
                        "CONFIGURED remove ok",
                        "STARTED configure INVALID_STATE",
                        "STARTED start INVALID_STATE",
                        "STARTED freeze ok",
                        "STARTED thaw INVALID_STATE",
                        "STARTED stop ok",
                        "STARTED remove INVALID_STATE",
                        "FROZEN configure INVALID_STATE",
                        "FROZEN start INVALID_STATE",
                        "FROZEN freeze INVALID_STATE",
                        "FROZEN thaw ok",
                        "FROZEN stop ok",
                        "FROZEN remove INVALID_STATE",
                        "STOPPED configure ok",
                        "STOPPED start ok",
                        "STOPPED freeze INVALID_STATE",
                        "STOPPED thaw INVALID_STATE",
                        "STOPPED stop ok",
                        "STOPPED remove ok");
    }

    private String outcomeOf(State state, String call) {
        var kernel = new FakeHost(() -> false);
        var fresh =
                new Supervisor(
                        kernel,
                        new Events(clock),
                        new Logs(clock),
                        clock,
                        "boot",
                        new Work(Runnable::run, Runnable::run),
                        keeper);
        fresh.configure(ConfigureRequest.of("d", List.of(), Optional.empty()));
        switch (state) {
            case CONFIGURED -> {}
            case STARTED -> fresh.start("d", "");
            case FROZEN -> {
                fresh.start("d", "");
                fresh.freezer().freeze("d", false);
            }
            case STOPPED -> {
                fresh.start("d", "");
                fresh.stop("d");
            }
        }
        Turns.Pending pending =
                switch (call) {
                    case "configure" ->
                            fresh.configure(ConfigureRequest.of("d", List.of(), Optional.empty()));
                    case "start" -> fresh.start("d", "");
                    case "freeze" -> fresh.freezer().freeze("d", false);
                    case "thaw" -> fresh.freezer().thaw("d", "");
                    case "stop" -> fresh.stop("d");
                    default -> fresh.remove("d");
                };
        assertThat(pending.outcome()).isDone();
        return pending.outcome().getNow(Outcome.DONE) instanceof Outcome.Refused(var error)
                ? error.kind().name()
                : "ok";
    }
}
