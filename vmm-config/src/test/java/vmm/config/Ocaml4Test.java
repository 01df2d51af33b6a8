package vmm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static vmm.config.Devices4.*;
import static vmm.config.Mirage.*;
import static vmm.config.Services4.*;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OCaml's compiler accepts what is generated for release 4, and refuses it with parts swapped. */
class Ocaml4Test {
    private static final Dev<Kind.Network> NET = netif("service");
    private static final Dev<Kind.Stackv4> STACK =
            directStackv4WithDefaultIpv4(defaultConsole(), NET);
    private static final Dev<Kind.Tcp<Kind.V4V6>> TCP = tcpOfStack(STACK);
    private static final Dev<Kind.HappyEyeballs> EYEBALLS =
            happyEyeballs(STACK, Map.of(Patience.CONNECT_DELAY, 50_000_000L));
    private static final Dev<Kind.DnsClient> DNS =
            dnsClient(
                    STACK,
                    EYEBALLS,
                    List.of("tcp:9.9.9.9"),
                    OptionalLong.of(1_000_000_000L),
                    OptionalLong.of(8));
    private static final Dev<Kind.Mimic> MIMIC_DEVICE = mimicHappyEyeballs(STACK, EYEBALLS, DNS);

    /** Two arguments of a functor, one after the other. */
    private static final Pattern PAIR = Pattern.compile("\\(([A-Z]\\w*)\\)\\(([A-Z]\\w*)(?=\\))");

    @TempDir Path folder;
    private OcamlCompiler ocaml;

    @BeforeEach
    void compileSignatures() throws IOException {
        Path signatures = Path.of("src/test/resources/ocaml4");
        ocaml = new OcamlCompiler(folder, signatures, List.of("release4"), "-open", "Release4");
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    private static String main(Target target, Dev<Kind.Job>... jobs) {
        return Project.of("x", jobs)
                .configure(target, Dialect.MIRAGE_4, new VectorsTest.Desk("/r"))
                .stream()
                .filter(file -> file.path().equals("mirage/main.ml"))
                .findFirst()
                .orElseThrow()
                .text();
    }

    private static <K> String main(String module, Typ<Dev<K>> typ, Dev<K> device) {
        return main(Target.HVT, foreign("Unikernel." + module, typ.to(JOB)).$(device));
    }

    private static Dev<Kind.GitClient> git() {
        var ssh = gitSsh(Optional.of("k"), Optional.empty(), Optional.empty(), TCP, MIMIC_DEVICE);
        var http = gitHttp(Optional.empty(), Map.of("a", "b"), TCP, MIMIC_DEVICE);
        return mergeGitClients(gitTcp(TCP, MIMIC_DEVICE), mergeGitClients(ssh, http));
    }

    private static String two(Dev<Kind.Stackv4> stack) {
        var two = foreign("Unikernel.Two", STACKV4.to(KV_RO.to(JOB)));
        return main(Target.HVT, two.$(stack).$(crunch("htdocs")));
    }

    @Test
    void main_isAccepted() throws IOException {
        var conduit = conduitDirect(STACK);
        var server = resolverDns(STACK, Optional.of("9.9.9.9"), OptionalInt.empty());
        var dhcp = directStackv4WithDhcp(defaultConsole(), NET);
        var syslog = foreign("Unikernel.Logged", SYSLOG.to(JOB));
        for (String main :
                List.of(
                        main("Network", NETWORK, NET),
                        main("Block", BLOCK, ccmBlock("Unikernel.secret", blockOfFile("disk"))),
                        two(STACK),
                        two(dhcp),
                        two(Generic4.genericStackv4v6(NET)),
                        main("Files", KV_RO, docteur(Docteur.of("relativize://t"))),
                        main("Store", KV_RW, tarKvRw(blockOfFile("disk"))),
                        main("Store", KV_RW, kvRwMem()),
                        main("Http", HTTP, httpServer(new ServerMode.Tcp(80), conduit)),
                        main("Client", HTTP_CLIENT, cohttpClient(server, conduitTls(conduit))),
                        main("Dns", DNS_CLIENT, inGroup("other", DNS)),
                        main("Git", GIT_CLIENT, git()),
                        main("Paf", HTTP_SERVER, pafServer("Unikernel.port", TCP)),
                        main("Alpn", ALPN_CLIENT, pafClient(TCP, MIMIC_DEVICE)),
                        main(
                                Target.UNIX,
                                syslog.$(syslogUdp(dhcp)),
                                syslog.$(syslogTcp(dhcp)),
                                syslog.$(
                                        syslogTls(
                                                dhcp, kvRoOfFs(fat(blockOfFile("certificates"))))),
                                monitoring(dhcp)))) {
            ocaml.assertAccepts(main);
        }
    }

    @Test
    void main_isRefused_withAnyTwoPartsSwapped() throws IOException {
        var swapped = new ArrayList<String>();
        for (String main : List.of(two(STACK), main("Dns", DNS_CLIENT, DNS))) {
            ocaml.assertAccepts(main);
            Matcher pair = PAIR.matcher(main);
            for (int from = 0; pair.find(from); from = pair.end(1) + 1) {
                String other = pair.group(2) + ")(" + pair.group(1);
                String wrong =
                        main.substring(0, pair.start(1)) + other + main.substring(pair.end(2));
                ocaml.assertRefuses(wrong, "Error");
                swapped.add(other);
            }
        }
        assertThat(swapped).hasSizeGreaterThan(10).contains("Ethernet_make__12)(Netif");
    }
}
