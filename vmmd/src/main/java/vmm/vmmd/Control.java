package vmm.vmmd;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.daemon.http.HttpHandler;
import vmm.vmmd.core.Client;
import vmm.vmmd.core.Input;
import vmm.vmmd.core.State;
import vmm.vmmd.core.Unikernel;
import vmm.vmmd.core.Unikernel.Phase;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.supervisor.DomainRequest;
import vmm.wire.supervisor.FreezeRequest;
import vmm.wire.supervisor.JsonException;
import vmm.wire.supervisor.JsonWriter;
import vmm.wire.supervisor.LimitsRequest;

/**
 * What albatross's wire has no words for, as HTTP/JSON on {@code util/control.sock}: {@code GET
 * /unikernels} tells what each one is doing and why, {@code GET /events?since=N} follows or, with
 * {@code follow=no}, ends, and {@code POST /pause}, {@code /resume} and {@code /limits} change one.
 * Bodies have the shapes of the supervisor's {@code freeze} and {@code limits}, with a unikernel as
 * the domain.
 */
final class Control implements HttpHandler {
    /** Less than a hundredth of a CPU is no CPU at all for cgroups. */
    private static final double CPUS_MIN = 0.01;

    private static final int CPUS_MAX = 4096;
    private static final long MEMORY_BYTES_MIN = 1L << 20;

    /** The supervisor answers much sooner. */
    private static final Duration ANSWER_MAX = Duration.ofSeconds(25);

    private final Shell shell;

    Control(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Answer answer(Request request) throws InterruptedException {
        try {
            return outcome(request);
        } catch (JsonException e) {
            return failed(400, String.valueOf(e.getMessage()));
        }
    }

    private Answer outcome(Request request) throws JsonException, InterruptedException {
        return switch (request.method() + " " + request.path()) {
            case "GET /unikernels" -> json(200, unikernels(shell.state()));
            case "GET /events" -> events(request);
            case "POST /pause" -> pause(request);
            case "POST /resume" -> resume(request);
            case "POST /limits" -> limits(request);
            default -> failed(404, "unknown: " + request.method() + " " + request.path());
        };
    }

    private Answer events(Request request) {
        String since = HttpHandler.parameter(request, "since");
        if (since != null && !since.matches("[0-9]{1,18}")) {
            return failed(400, "since is the number of the last event that was seen");
        }
        boolean follow = !"no".equals(HttpHandler.parameter(request, "follow"));
        long last = since == null ? 0 : Long.parseLong(since);
        return new Stream(shell.events().after(last, follow));
    }

    private Answer limits(Request request) throws JsonException, InterruptedException {
        LimitsRequest asked = LimitsRequest.parse(request.body().toArray());
        double cpus = asked.cpuLimit();
        if (!(cpus == 0 || (cpus >= CPUS_MIN && cpus <= CPUS_MAX))) {
            return failed(
                    400, "cpu_limit is CPUs, " + CPUS_MIN + " to " + CPUS_MAX + "; 0 is unlimited");
        }
        String idle = Optional.ofNullable(HttpHandler.parameter(request, "idle")).orElse("0");
        if (!idle.matches("[0-9]{1,9}")) {
            return failed(400, "idle is a number of seconds; 0 is never");
        }
        long bytes = asked.memoryLimitBytes();
        if (bytes != 0 && bytes < MEMORY_BYTES_MIN) {
            return failed(
                    400,
                    "memory_limit_bytes is "
                            + MEMORY_BYTES_MIN
                            + " or more, the tender needs as much; 0 is unlimited");
        }
        var limits =
                new Unikernel.Limits(
                        Math.round(cpus * 1000),
                        bytes,
                        Long.parseLong(idle),
                        asked.limits().ioReadBytes(),
                        asked.limits().ioWriteBytes());
        return wish(asked.domain(), new Input.Wish.Limit(limits));
    }

    private Answer pause(Request request) throws JsonException, InterruptedException {
        FreezeRequest asked = FreezeRequest.parse(request.body().toArray());
        return wish(asked.domain(), new Input.Wish.Pause(asked.thawOnTraffic()));
    }

    private Answer resume(Request request) throws JsonException, InterruptedException {
        DomainRequest asked = DomainRequest.parse(request.body().toArray());
        return wish(asked.domain(), new Input.Wish.Resume());
    }

    private Answer wish(String name, Input.Wish wish) throws InterruptedException {
        Optional<String> problem = Name.problem(name);
        if (problem.isPresent()) {
            return failed(400, problem.get());
        }
        var waiting = new Waiting(Shell.newId(), new CompletableFuture<>());
        shell.register(waiting);
        try {
            var client = new Client(waiting.id(), Header.of(Name.parse(name)));
            shell.submit(new Input.Controlled(client, wish));
            return said(waiting.reply().get(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return failed(504, "no answer after " + ANSWER_MAX.toSeconds() + " s");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            shell.forget(waiting);
        }
    }

    private record Waiting(long id, CompletableFuture<Message> reply) implements Shell.Asker {
        @Override
        public void reply(Message message, boolean last) {
            reply.complete(message);
        }
    }

    private static Answer said(Message reply) {
        return reply.payload() instanceof Message.Payload.Failed(var why)
                ? failed(409, why)
                : json(200, new JsonWriter().object().endObject());
    }

    private static JsonWriter unikernels(State state) {
        var to = new JsonWriter().object().name("unikernels").array();
        state.unikernels().values().forEach(u -> write(to, u));
        return to.endArray().endObject();
    }

    private static void write(JsonWriter to, Unikernel u) {
        to.object().name("name").text(u.name().toString());
        switch (u.phase()) {
            case Phase.Starting _ -> to.name("state").text("starting");
            case Phase.Running(var run) -> {
                to.name("state").text("running").name("pid").number(run.pid());
                to.name("started").text(Instant.ofEpochMilli(run.startMillis()).toString());
            }
            case Phase.Paused(var run) ->
                    to.name("state").text("paused").name("pid").number(run.pid());
            case Phase.Ending(var run, _, _) ->
                    to.name("state").text("ending").name("pid").number(run.pid());
            case Phase.Cleaning _ -> to.name("state").text("ending");
            case Phase.Waiting(var until, var reason) ->
                    to.name("state")
                            .text("waiting")
                            .name("reason")
                            .text(reason)
                            .name("next_start")
                            .text(until.toString());
            case Phase.Parked _ -> to.name("state").text("parked");
        }
        Unikernel.Limits limits = u.spec().limits();
        to.name("failures").number(u.failures());
        to.name("cpu_limit").number(limits.cpus());
        to.name("memory_limit_bytes").number(limits.memoryBytes());
        to.name("io_read_bytes_per_second").number(limits.readBytes());
        to.name("io_write_bytes_per_second").number(limits.writeBytes());
        to.name("idle_seconds").number(limits.idleSeconds()).endObject();
    }

    private static Answer json(int status, JsonWriter json) {
        byte[] bytes = json.bytes();
        return new Whole(status, Bytes.view(bytes, 0, bytes.length));
    }

    private static Answer failed(int status, String why) {
        return json(status, new JsonWriter().object().name("error").text(why).endObject());
    }
}
