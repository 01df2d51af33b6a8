package vmm.stats.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pcollections.HashTreePMap;
import vmm.core.Name;
import vmm.core.Sample;
import vmm.stats.core.Newest;
import vmm.stats.core.Reading;
import vmm.stats.core.Watched;
import vmm.wire.Command;

class InfluxTest {
    private static final Instant AT = Instant.ofEpochSecond(1_700_000_000, 5);

    private static Reading reading(String name, String bridge) {
        var use =
                new Sample.ResourceUse(
                        new Sample.Time(12, 340_000),
                        new Sample.Time(0, 7),
                        2048,
                        0,
                        0,
                        0,
                        7,
                        1,
                        0,
                        3,
                        4,
                        0,
                        0,
                        0,
                        5,
                        6);
        var tap =
                new Sample.Interface(
                        bridge, 0x1003, 0, 0, 0, 1500, 0, 10, 0, 20, 0, 0, 1000, -1, 0, 0, 2, 3);
        var memory = new Sample.Memory(4096, 5, 1, 2, 2, 12_340_007, 0, new Sample.Time(1, 0));
        return new Reading(
                new Watched(Name.parse(name), new Command.StatsAdd("", 1, List.of())),
                new Sample(
                        use,
                        List.of(tap),
                        Optional.of(List.of(new Sample.Counter("vm.a b", 9))),
                        Optional.of(memory)),
                20_480,
                Reading.Storage.NONE,
                Optional.empty(),
                61_500);
    }

    private static Newest newest(List<Reading> readings) {
        return new Newest(readings, HashTreePMap.empty(), 1, 0, 0);
    }

    @Test
    void lines_haveTheMeasurementsAndFieldsOfAlbatross() {
        assertThat(
                        new String(
                                InfluxLines.of(List.of(reading("a:hello", "br0")), false, AT),
                                StandardCharsets.UTF_8))
                .isEqualTo(
                        """
                        resource_usage,vm=hello utime=12.34,stime=0.000007,maxrss=2048i,ixrss=0i,idrss=0i,isrss=0i,minflt=7i,maxflt=1i,nswap=0i,inblock=3i,outblock=4i,msgsnd=0i,msgrcv=0i,nsignals=0i,nvcsw=5i,nivcsw=6i 1700000000000000005
                        kinfo_mem,vm=hello vsize=4096i,rss=5i,tsize=1i,dsize=2i,ssize=2i,cow_faults=0i,runtime=12340007i,uptime=61.5 1700000000000000005
                        vmm,vm=hello vm.a\\ b=9i 1700000000000000005
                        interface,vm=hello,bridge=br0 send_queue_length=0i,max_send_queue_length=0i,send_queue_drops=0i,mtu=1500i,baudrate=0i,vm_to_host_packets=10i,vm_to_host_errors=0i,vm_to_host_bytes=1000i,vm_to_host_mcast=0i,vm_to_host_dropped=2i,collisions=0i,host_to_vm_packets=20i,host_to_vm_errors=0i,host_to_vm_bytes=9223372036854775807i,host_to_vm_mcast=0i,host_to_vm_dropped=3i 1700000000000000005
                        """);
    }

    @Test
    void lines_cannotBeBrokenUp_byNamesFromOutside() {
        String lines =
                new String(
                        InfluxLines.of(
                                List.of(reading("a:hello", "b,r=0 x\nfake v=1i\\")), true, AT),
                        StandardCharsets.UTF_8);
        assertThat(lines.lines()).hasSize(4);
        assertThat(lines)
                .contains("vm=a:hello,bridge=b\\,r\\=0\\ x_fake\\ v\\=1i_ send_queue_length");
    }

    @Test
    void connection_isMadeAgain_andNothingIsLostMeanwhile() throws Exception {
        try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            var link = new InfluxLink("127.0.0.1", server.getLocalPort(), false, Clock.systemUTC());
            Thread thread = link.start();
            link.accept(newest(List.of(reading("one", "br0"))));
            try (Socket first = server.accept()) {
                assertThat(lines(first, 4).getFirst()).startsWith("resource_usage,vm=one ");
            }
            for (String name : List.of("two", "three")) {
                link.accept(newest(List.of(reading(name, "br0"))));
            }
            try (Socket second = server.accept()) {
                List<String> lines = lines(second, 8);
                assertThat(lines.getFirst()).startsWith("resource_usage,vm=two ");
                assertThat(lines.get(4)).startsWith("resource_usage,vm=three ");
            }
            thread.interrupt();
            thread.join();
            assertThat(link.lostPasses()).isZero();
        }
    }

    private static List<String> lines(Socket socket, int count) throws Exception {
        var reader =
                new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        var lines = new ArrayList<String>();
        while (lines.size() < count) {
            lines.add(String.valueOf(reader.readLine()));
        }
        return lines;
    }

    @Test
    void buffer_isBounded_andTheOldestPassesAreLost() {
        var link = new InfluxLink("127.0.0.1", 1, false, Clock.systemUTC());
        var many = new ArrayList<Reading>();
        for (int i = 0; i < 1000; i++) {
            many.add(reading("u" + i, "br0"));
        }
        int size = InfluxLines.of(many, false, AT).length;
        int fit = InfluxLink.BUFFER_BYTES_MAX / size;
        for (int i = 0; i < fit + 3; i++) {
            link.accept(newest(many));
        }
        assertThat(link.lostPasses()).isBetween(2L, 4L);
    }
}
