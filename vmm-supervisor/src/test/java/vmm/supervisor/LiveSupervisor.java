package vmm.supervisor;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import vmm.daemon.Baton;
import vmm.daemon.Listener;
import vmm.daemon.http.HttpClient;
import vmm.daemon.http.HttpServer;
import vmm.os.Cgroups;

/** A supervisor in this process, behind its real socket, and a client of it. */
final class LiveSupervisor implements Calls {
    final Host host;
    final HttpClient client;
    final Path socket;
    private final Baton baton = new Baton("supervisor");
    private final HttpServer server;
    private final Listener listener;

    LiveSupervisor(Path folder) throws IOException {
        Cgroups cgroups = Cgroups.open("vmm-test-" + ProcessHandle.current().pid());
        host = new LinuxHost(cgroups, folder, Clock.systemUTC());
        var clock = Clock.systemUTC();
        var records = new Records(folder.resolve("records"));
        var work = new Work(Thread::startVirtualThread, baton::submit);
        var supervisor =
                new Supervisor(
                        host, new Events(clock), new Logs(clock), clock, "boot", work, records);
        var adoption = new Adoption(host, records.load("boot"));
        baton.submit(() -> supervisor.adopt(adoption));
        var core =
                new Api.Core() {
                    @Override
                    public <T> CompletableFuture<T> ask(Function<Supervisor, T> question) {
                        var answer = new CompletableFuture<T>();
                        baton.submit(() -> answer.complete(question.apply(supervisor)));
                        return answer;
                    }
                };
        server = new HttpServer(new Api(core, clock, 0));
        socket = folder.resolve("supervisor.sock");
        listener = Listener.open(socket);
        baton.start();
        listener.start(server, HttpServer.CONNECTIONS_MAX, SupervisorMain.THREADS);
        client = new HttpClient(socket);
    }

    boolean isRoot() throws IOException {
        return (Integer) java.nio.file.Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
    }

    @Override
    public HttpClient client() {
        return client;
    }

    /** Ends without stopping anything, as a crash does. */
    void abandon() throws Exception {
        client.close();
        listener.close();
        server.close();
        baton.stop();
    }

    void close() throws Exception {
        for (String domain : List.of("d", "e", "f")) {
            stop(domain, PATIENCE);
        }
        abandon();
        host.close();
    }
}
