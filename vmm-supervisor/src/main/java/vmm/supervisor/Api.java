package vmm.supervisor;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.core.Bytes;
import vmm.daemon.http.HttpHandler;
import vmm.os.PeerCredentials;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.Deadline;
import vmm.wire.supervisor.DomainRequest;
import vmm.wire.supervisor.ExecRequest;
import vmm.wire.supervisor.FiguresResponse;
import vmm.wire.supervisor.FreezeRequest;
import vmm.wire.supervisor.JsonException;
import vmm.wire.supervisor.KillRequest;
import vmm.wire.supervisor.LimitsRequest;
import vmm.wire.supervisor.ProfileRequest;
import vmm.wire.supervisor.StopRequest;
import vmm.wire.supervisor.SupervisorError;
import vmm.wire.supervisor.SupervisorError.Kind;
import vmm.wire.supervisor.TerminateRequest;

/** The calls of the contract over HTTP, for root and the house's user only. */
final class Api implements HttpHandler {
    /** Who decides runs as this user. */
    static final String USER = "vmm";

    private static final Logger LOG = LogManager.getLogger(Api.class);

    /** Does something with the state and gives what it gave. */
    interface Core {
        <T> CompletableFuture<T> ask(Function<Supervisor, T> question);
    }

    private final Figures figures = new Figures();
    private final Core core;
    private final Clock clock;
    private final long uid;

    Api(Core core, Clock clock, long uid) {
        this.core = core;
        this.clock = clock;
        this.uid = uid;
    }

    @Override
    public Answer answer(Request request) throws IOException, InterruptedException {
        if (!isAllowed(request)) {
            LOG.warn(
                    "refused {} to user {} ({})",
                    request.path(),
                    request.peer().user(),
                    request.peer().uid());
            return whole(Outcome.refused(Kind.FORBIDDEN, "only root and " + USER + " may call"));
        }
        if (request.method().equals("GET") && request.path().equals("/events")) {
            return new Stream(new EventLines(core, HttpHandler.parameter(request, "domain")));
        } else if (request.method().equals("GET") && request.path().equals("/logs")) {
            String domain = HttpHandler.parameter(request, "domain");
            return domain == null
                    ? whole(Outcome.refused(Kind.SERDE, "name the domain: /logs?domain=NAME"))
                    : new Stream(
                            new LogLines(core, domain, HttpHandler.parameter(request, "topic")));
        }
        try {
            return whole(outcome(request));
        } catch (JsonException e) {
            return whole(Outcome.refused(Kind.SERDE, e.getMessage()));
        } catch (ExecutionException bug) {
            throw new IllegalStateException(bug);
        }
    }

    private boolean isAllowed(Request request) {
        PeerCredentials peer = request.peer();
        return peer.uid() == 0 || peer.uid() == uid || peer.user().equals(USER);
    }

    private Outcome outcome(Request request)
            throws JsonException, InterruptedException, ExecutionException {
        byte[] body = request.body().toArray();
        return switch (request.method() + " " + request.path()) {
            case "GET /ping" -> Outcome.DONE;
            case "GET /domains" -> Outcome.done(ask(s -> s.describe().json()));
            case "GET /figures" -> {
                var pids =
                        FiguresResponse.pids(
                                Optional.ofNullable(HttpHandler.parameter(request, "pids")));
                yield Outcome.done(figures.of(pids, ask(Supervisor::living)).json());
            }
            case "POST /configure" -> {
                var asked = ConfigureRequest.parse(body);
                yield ended(ask(s -> s.configure(asked)));
            }
            case "POST /start" -> {
                var asked = ProfileRequest.parse(body);
                yield ended(ask(s -> s.start(asked.domain(), asked.cgroupProfile())));
            }
            case "POST /exec" -> {
                var asked = ExecRequest.parse(body);
                var caller = new Caller();
                yield caller.await(ask(s -> s.exec(asked, caller)).outcome());
            }
            case "POST /terminate" -> {
                var asked = TerminateRequest.parse(body);
                yield ask(s -> s.terminate(asked.domain(), asked.name()));
            }
            case "POST /kill" -> {
                var asked = KillRequest.parse(body);
                Optional<Duration> patience = patience(asked.deadline());
                boolean past = patience.filter(p -> !p.isPositive()).isPresent();
                yield await(ask(s -> s.kill(asked.domain(), asked.name(), past)), patience);
            }
            case "POST /stop" -> {
                var asked = StopRequest.parse(body);
                yield await(ask(s -> s.stop(asked.domain())), patience(asked.deadline()));
            }
            case "POST /remove" -> {
                var asked = DomainRequest.parse(body);
                yield ended(ask(s -> s.remove(asked.domain())));
            }
            case "POST /freeze" -> {
                var asked = FreezeRequest.parse(body);
                yield ended(ask(s -> s.freezer().freeze(asked.domain(), asked.thawOnTraffic())));
            }
            case "POST /thaw" -> {
                var asked = ProfileRequest.parse(body);
                yield ended(ask(s -> s.freezer().thaw(asked.domain(), asked.cgroupProfile())));
            }
            case "POST /limits" -> {
                var asked = LimitsRequest.parse(body);
                yield ended(ask(s -> s.limit(asked)));
            }
            case "POST /exit" -> Outcome.DONE;
            default ->
                    Outcome.refused(
                            Kind.NO_SUCH_ENTITY,
                            "no call " + request.method() + " " + request.path());
        };
    }

    private <T> T ask(Function<Supervisor, T> question)
            throws InterruptedException, ExecutionException {
        return core.ask(question).get();
    }

    private static Outcome ended(Turns.Pending pending)
            throws InterruptedException, ExecutionException {
        return pending.outcome().get();
    }

    /** How long the caller waits; empty is for ever. */
    private Optional<Duration> patience(Deadline deadline) {
        return switch (deadline) {
            case Deadline.At(var time) ->
                    Optional.of(Duration.between(Instant.now(clock), time.toInstant()));
            case Deadline.Within(var millis) -> Optional.of(Duration.ofMillis(millis));
            case Deadline.Never() -> Optional.empty();
        };
    }

    private static Outcome await(Turns.Pending pending, Optional<Duration> patience)
            throws InterruptedException, ExecutionException {
        if (patience.isEmpty() || pending.outcome().isDone()) {
            return pending.outcome().get();
        }
        try {
            long millis = Math.max(0, patience.get().toMillis());
            return pending.outcome().get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return Outcome.refused(Kind.FAILURE, pending.late());
        }
    }

    private static Answer whole(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Done(var json) -> new Whole(200, json);
            case Outcome.Refused(SupervisorError error) ->
                    new Whole(error.kind().status(), Bytes.of(error.json()));
        };
    }
}
