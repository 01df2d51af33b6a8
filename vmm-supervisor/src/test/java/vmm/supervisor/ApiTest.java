package vmm.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.os.Confinement;
import vmm.os.Reaper;
import vmm.os.Spawner;
import vmm.wire.supervisor.DomainRequest;

/** Who may call, and how much at once. */
class ApiTest {
    /** Asks for the domains and prints the status line. */
    private static final String PERL =
            "use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die $!;"
                    + "print $s \"GET /domains HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n\";"
                    + "my $l = <$s>; print $l;";

    @TempDir private Path folder;
    private LiveSupervisor live;

    @BeforeEach
    void open() throws IOException {
        live = new LiveSupervisor(folder);
    }

    @AfterEach
    void close() throws Exception {
        live.close();
    }

    private String askAs(long uid) throws Exception {
        Path said = Files.createFile(folder.resolve("said" + uid));
        var ended = new CompletableFuture<Reaper.Ending>();
        try (var reaper = new Reaper()) {
            var user = Optional.of(new Confinement.User(uid, uid));
            var as =
                    new Confinement(
                            Optional.empty(),
                            user,
                            Optional.empty(),
                            Optional.empty(),
                            List.of(),
                            true,
                            0,
                            -1,
                            -1);
            int pid =
                    Spawner.spawn(
                            new Spawner.Child(
                                    "/usr/bin/perl",
                                    List.of("-e", PERL, live.socket.toString()),
                                    Map.of(),
                                    Optional.empty(),
                                    Optional.of(said.toString()),
                                    Optional.empty(),
                                    List.of(),
                                    Optional.empty(),
                                    as));
            reaper.watch(pid, true, ended::complete);
            ended.get(20, TimeUnit.SECONDS);
        }
        return Files.readString(said);
    }

    @Test
    void strangers_areKeptOutByTheSocket_andRefusedBehindIt() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/perl")), "needs perl");
        assumeTrue(live.isRoot(), "needs root");
        assertThat(askAs(54321)).startsWith("Permission denied");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(live.socket, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThat(askAs(54322)).startsWith("HTTP/1.1 403");
        assertThat(askAs(0)).startsWith("HTTP/1.1 200");
    }

    private String raw(String request) throws IOException {
        try (var channel = SocketChannel.open(java.net.UnixDomainSocketAddress.of(live.socket))) {
            ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1));
            try {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            } catch (IOException cutOff) {
                return "";
            }
            var answer = ByteBuffer.allocate(8192);
            try {
                int got = channel.read(answer);
                return got < 0 ? "" : new String(answer.array(), 0, got, StandardCharsets.UTF_8);
            } catch (IOException cutOff) {
                return "";
            }
        }
    }

    @Test
    void bodies_thatAreTooLong_areCutOff() throws Exception {
        String start = "POST /configure HTTP/1.1\r\nHost: x\r\nContent-Length: ";
        assertThat(raw(start + "3000000\r\n\r\n" + "x".repeat(3_000_000))).doesNotContain("200");
        assertThat(raw(start + "9999999999999999999\r\n\r\n")).doesNotContain("200");
        assertThat(raw(start + "2\r\nTransfer-Encoding: chunked\r\n\r\n{}"))
                .doesNotContain("200 OK");
        assertThat(raw("GET /ping HTTP/1.1\r\nHost: x\r\nA: " + "y".repeat(40_000) + "\r\n\r\n"))
                .doesNotContain("200 OK");
        assertThat(raw("GET /ping HTTP/1.1\r\nHost: x\r\n" + "A: b\r\n".repeat(80) + "\r\n"))
                .doesNotContain("200 OK");
        assertThat(raw("nonsense\r\n\r\n")).doesNotContain("200 OK");
        assertThat(raw("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")).contains("200 OK");
    }

    @Test
    void manyConnections_leaveRoomForTheNext() throws Exception {
        var open = new java.util.ArrayList<SocketChannel>();
        try {
            for (int i = 0; i < 600; i++) {
                open.add(SocketChannel.open(java.net.UnixDomainSocketAddress.of(live.socket)));
            }
        } finally {
            for (SocketChannel channel : open) {
                channel.close();
            }
        }
        long end = System.nanoTime() + 5_000_000_000L;
        String answer;
        do {
            answer = raw("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n");
        } while (!answer.contains("200 OK") && System.nanoTime() < end);
        assertThat(answer).contains("200 OK");
    }

    @Test
    void json_thatIsNone_isRefusedWithItsPlace() throws Exception {
        for (String bad : List.of("", "{", "[1]", "{\"domain\":7}", "{\"domain\":\"d\"", "\0")) {
            var reply = live.post("/configure", bad.getBytes(StandardCharsets.UTF_8));
            assertThat(reply.status()).as(bad).isEqualTo(400);
            assertThat(Calls.error(reply).message()).isNotEmpty();
        }
        byte[] nested = "[".repeat(100_000).getBytes(StandardCharsets.UTF_8);
        assertThat(live.post("/configure", nested).status()).isEqualTo(400);
        assertThat(live.call("/nothing", "d").status()).isEqualTo(404);
        assertThat(live.client.get("/start", Calls.PATIENCE).status()).isEqualTo(404);
        assertThat(live.post("/remove", new DomainRequest("d").json()).status()).isEqualTo(404);
    }
}
