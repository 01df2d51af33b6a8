import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import vmm.core.Name;
import vmm.daemon.ServiceConnection;
import vmm.daemon.http.HttpClient;
import vmm.wire.Command;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.channel.FrameReader;

static final Duration PATIENCE = Duration.ofSeconds(10);
static final Name WATCHED = Name.parse("training:process");

/** With the second sample there are rates. */
static final int SAMPLES = 3;

/**
 * Has this process looked at, subscribes, and scrapes, for the AOT cache of the vmm-stats that is being
 * trained. {@code java TrainStats.java SOCKET METRICS-SOCKET}
 */
void main(String[] arguments) throws IOException {
    try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(arguments[0]));
            var metrics = new HttpClient(Path.of(arguments[1]))) {
        var connection = new ServiceConnection(channel);
        var taps = List.of(new Command.Tap("service", "lo"));
        connection.send(
                Message.asking(
                        Header.of(WATCHED),
                        new Command.StatsAdd("", ProcessHandle.current().pid(), taps)));
        connection.send(Message.asking(Header.of(Name.ROOT), new Command.StatsSubscribe()));
        for (int answers = 0; answers < 2 + SAMPLES; answers++) {
            try (var received = connection.receive(FrameReader.SMALL_FRAME_BYTES_MAX)) {
                if (received == null) {
                    throw new IOException("vmm-stats ended the connection");
                }
            }
        }
        for (String page : List.of("/metrics", "/", "/unikernel?name=" + WATCHED)) {
            metrics.get(page, PATIENCE);
        }
    }
}
