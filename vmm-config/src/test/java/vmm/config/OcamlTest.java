package vmm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static vmm.config.Mirage.*;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OCaml's compiler accepts what is generated, and refuses it with arguments swapped. */
class OcamlTest {
    private static final Path SIGNATURES = Path.of("src/test/resources/ocaml");
    private static final List<String> ORDER =
            List.of(
                    "lwt",
                    "ipaddr",
                    "v1_LWT",
                    "oS",
                    "clock",
                    "console_unix",
                    "netif",
                    "block",
                    "conduit_localhost",
                    "mirage_runtime",
                    "ethif",
                    "ipv4",
                    "udp",
                    "tcp",
                    "tcpip_stack_direct",
                    "conduit_mirage",
                    "cohttp_mirage",
                    "unikernel");

    @TempDir Path folder;
    private OcamlCompiler ocaml;

    @BeforeEach
    void compileSignatures() throws IOException {
        ocaml = new OcamlCompiler(folder, SIGNATURES, ORDER);
    }

    private static <K> String main(String module, Typ<Dev<K>> typ, Dev<K> device) {
        var main = foreign("Unikernel." + module, CONSOLE.to(typ.to(JOB)));
        return VectorsTest.main(
                Project.of("x", main.$(defaultConsole()).$(device)), Dialect.MIRAGE_2_5);
    }

    @Test
    void main_isAccepted() throws IOException {
        var stack = directStackv4WithDefaultIpv4(defaultConsole(), tap0());
        var console = foreign("Unikernel.Console", CONSOLE.to(JOB));
        for (String main :
                List.of(
                        VectorsTest.main(
                                Project.of(
                                        "x",
                                        console.$(defaultConsole()),
                                        console.$(customConsole("1"))),
                                Dialect.MIRAGE_2_5),
                        main("Stack", STACKV4, stack),
                        main("Network", NETWORK, netif("br0.5")),
                        main("Block", BLOCK, blockOfFile("disk.img")),
                        main(
                                "Http",
                                HTTP,
                                httpServer(new ServerMode.Tcp(80), conduitDirect(stack))))) {
            ocaml.assertAccepts(main);
        }
    }

    @Test
    void main_isRefused_withArgumentsSwapped() throws IOException {
        String stack =
                main("Stack", STACKV4, directStackv4(defaultConsole(), tap0(), StackMode.DHCP));
        for (String[] swap :
                new String[][] {
                    {"(Clock)(OS.Time)", "(OS.Time)(Clock)"},
                    {"(Console)(OS.Time)(Random)", "(OS.Time)(Console)(Random)"},
                    {"(Console)(Stackv41)", "(Stackv41)(Console)"},
                    {".start console1 stackv41", ".start stackv41 console1"}
                }) {
            assertThat(stack).contains(swap[0]);
            ocaml.assertRefuses(stack.replace(swap[0], swap[1]), "Error");
        }
    }

    @Test
    void main_isRefused_whereTheOriginalIsWrong() throws IOException {
        var main = foreign("Unikernel.Network", CONSOLE.to(NETWORK.to(JOB)));
        Project two =
                Project.of(
                        "x",
                        main.$(defaultConsole()).$(netif("1")),
                        main.$(defaultConsole()).$(netif("2")));
        ocaml.assertRefuses(VectorsTest.main(two, Dialect.MIRAGE_2_5_0), "Unbound");
        ocaml.assertAccepts(VectorsTest.main(two, Dialect.MIRAGE_2_5));
    }
}
