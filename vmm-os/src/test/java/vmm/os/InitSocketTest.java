package vmm.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.DatagramPacket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.newsclub.net.unix.AFUNIXDatagramSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;

class InitSocketTest {
    private static final int MESSAGE_BYTES_MAX = 100;

    @Test
    void tell_arrives_atAPath(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("notify");
        assertThat(told(AFUNIXSocketAddress.of(path), path.toString())).isEqualTo("READY=1");
    }

    @Test
    void tell_arrives_atAnAbstractName() throws IOException {
        String name = "vmm-init-socket-test-" + ProcessHandle.current().pid();
        assertThat(told(AFUNIXSocketAddress.inAbstractNamespace(name), "@" + name))
                .isEqualTo("READY=1");
    }

    @Test
    void tell_fails_whereNobodyListens_orTheNameIsNone(@TempDir Path folder) {
        for (String address : new String[] {folder.resolve("none").toString(), "", "x".repeat(200)})
            assertThatThrownBy(() -> InitSocket.tell(address, "READY=1"))
                    .isInstanceOf(IOException.class);
    }

    private static String told(AFUNIXSocketAddress at, String address) throws IOException {
        try (var init = AFUNIXDatagramSocket.newInstance()) {
            init.bind(at);
            InitSocket.tell(address, "READY=1");
            var packet = new DatagramPacket(new byte[MESSAGE_BYTES_MAX], MESSAGE_BYTES_MAX);
            init.receive(packet);
            return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
        }
    }
}
