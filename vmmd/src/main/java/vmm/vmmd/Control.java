package vmm.vmmd;

import java.time.Instant;
import vmm.core.Bytes;
import vmm.daemon.http.HttpHandler;
import vmm.vmmd.core.State;
import vmm.vmmd.core.Unikernel;
import vmm.vmmd.core.Unikernel.Phase;
import vmm.wire.supervisor.JsonWriter;

/**
 * What albatross's wire has no words for, as HTTP/JSON on {@code util/control.sock}: {@code GET
 * /unikernels} tells what each one is doing and why, {@code GET /events?since=N} follows.
 */
final class Control implements HttpHandler {
    private final Shell shell;

    Control(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Answer answer(Request request) {
        return switch (request.method() + " " + request.path()) {
            case "GET /unikernels" -> json(200, unikernels(shell.state()));
            case "GET /events" -> events(request);
            default -> failed(404, "unknown: " + request.method() + " " + request.path());
        };
    }

    private Answer events(Request request) {
        String since = HttpHandler.parameter(request, "since");
        if (since != null && !since.matches("[0-9]{1,18}")) {
            return failed(400, "since is the number of the last event that was seen");
        }
        return new Stream(shell.events().follow(since == null ? 0 : Long.parseLong(since)));
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
        to.name("failures").number(u.failures()).endObject();
    }

    private static Answer json(int status, JsonWriter json) {
        byte[] bytes = json.bytes();
        return new Whole(status, Bytes.view(bytes, 0, bytes.length));
    }

    private static Answer failed(int status, String why) {
        return json(status, new JsonWriter().object().name("error").text(why).endObject());
    }
}
