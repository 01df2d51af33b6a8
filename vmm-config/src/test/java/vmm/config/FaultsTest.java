package vmm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static vmm.config.Mirage.*;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What release 2.5.0 writes wrong is written right, and as there where that is asked for. */
class FaultsTest {
    private static final Fun<Dev<Kind.Network>, Dev<Kind.Job>> MAIN =
            foreign("M.Main", NETWORK.to(JOB));

    private static String right(Project project) {
        return VectorsTest.main(project, Dialect.MIRAGE_2_5);
    }

    private static String original(Project project) {
        return VectorsTest.main(project, Dialect.MIRAGE_2_5_0);
    }

    private static int count(String text, String part) {
        return (text.length() - text.replace(part, "").length()) / part.length();
    }

    @Test
    void jobs_haveNamesOfTheirOwn_whereOnlyTheirDevicesDiffer() {
        Project two = Project.of("x", MAIN.$(netif("1")), MAIN.$(netif("2")));
        assertThat(original(two)).satisfies(m -> assertThat(count(m, "let t1 () =")).isEqualTo(2));
        assertThat(right(two))
                .contains("let t1 () =\n  net_1 () >>= function")
                .contains("let t2 () =\n  net_2 () >>= function")
                .contains("let net_2 () =")
                .contains("join [t1 (); t2 ()]");
    }

    @Test
    void partialApplications_useTheirOwnConsole() {
        var main = foreign("M.Main", CONSOLE.to(NETWORK.to(JOB)));
        Project two =
                Project.of(
                        "x",
                        main.$(customConsole("0")).$(tap0()),
                        main.$(customConsole("1")).$(tap0()));
        String text = right(two);
        assertThat(count(text, "module Console =")).isEqualTo(1);
        assertThat(text.indexOf("let console2 ()")).isPositive();
        assertThat(text.substring(0, text.indexOf("let console2 ()"))).doesNotContain("= console2");
    }

    @Test
    void networks_haveNamesThatOcamlTakes() {
        Project odd = Project.of("x", MAIN.$(netif("br0.5")), MAIN.$(netif("br0-5")));
        assertThat(original(odd)).contains("let net_br0.5 () =");
        assertThat(right(odd))
                .contains("let net_br0_5 () =\n  Netif.connect \"br0.5\"")
                .contains("let net_br0_5_2 () =\n  Netif.connect \"br0-5\"");
    }

    @Test
    void sockets_areGivenAddresses_andNoTexts() {
        var main = foreign("M.Main", UDPV4.to(TCPV4.to(JOB)));
        Project sockets =
                Project.of(
                        "x",
                        main.$(socketUdpv4(Optional.empty()))
                                .$(socketTcpv4(Optional.of("127.0.0.1"))));
        assertThat(original(sockets)).contains("Udpv4_socket.connect \"None\"");
        assertThat(right(sockets))
                .contains("Udpv4_socket.connect None")
                .contains("Tcpv4_socket.connect (Some (Ipaddr.V4.of_string_exn \"127.0.0.1\"))");
    }

    @Test
    void servers_areTwo_whereOnlyTheirPortsDiffer() {
        var main = foreign("M.Main", HTTP.to(JOB));
        var conduit = conduitDirect(directStackv4(defaultConsole(), tap0(), StackMode.DHCP));
        Project two =
                Project.of(
                        "x",
                        main.$(httpServer(new ServerMode.Tcp(80), conduit)),
                        main.$(httpServer(new ServerMode.Tcp(8080), conduit)));
        assertThat(right(two)).contains("`Port 80)", "`Port 8080)");
        assertThat(original(two)).doesNotContain("8080");
    }

    @Test
    void output_isTheOriginals_whereThatIsRight() {
        var main = foreign("M.Main", CONSOLE.to(NETWORK.to(JOB)));
        Project fine = Project.of("x", main.$(defaultConsole()).$(tap0()));
        assertThat(right(fine)).isEqualTo(original(fine));
    }

    @Test
    void libvirt_namesThisProcessor() {
        Project fine = Project.of("x", MAIN.$(tap0()));
        assertThat(VectorsTest.text(fine, Dialect.MIRAGE_2_5_0, "x_libvirt.xml"))
                .contains("armv7l");
        assertThat(VectorsTest.text(fine, Dialect.MIRAGE_2_5, "x_libvirt.xml"))
                .contains("x86_64")
                .doesNotContain("armv7l");
    }
}
