package vmm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static vmm.config.Mirage.*;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is written for release 4. */
class Mirage4Test {
    private static final Dev<Kind.Stackv4> STACK =
            directStackv4WithDefaultIpv4(defaultConsole(), netif("service"));

    private static Map<String, String> files(Project project, Target target) {
        return project.configure(target, Dialect.MIRAGE_4, new VectorsTest.Desk("/r")).stream()
                .collect(Collectors.toMap(Artefact::path, Artefact::text));
    }

    private static String text(Project project, Target target, String path) {
        return Optional.ofNullable(files(project, target).get(path)).orElse("no " + path);
    }

    private static <K> Project one(Typ<Dev<K>> typ, Dev<K> device) {
        return Project.of("app", foreign("Unikernel.Main", typ.to(JOB)).$(device));
    }

    private static <K> String main(Typ<Dev<K>> typ, Dev<K> device, Target target) {
        return text(one(typ, device), target, "mirage/main.ml");
    }

    @Test
    void stack_isJoinedFromItsLayers() {
        assertThat(main(STACKV4, STACK, Target.HVT))
                .contains(
                        "module Static_ipv4_make__14 ="
                                + " Static_ipv4.Make(Ethernet_make__12)(Arp_make__13)\n",
                        "(Ipaddr.V4.Prefix.of_string_exn \"10.0.0.2/24\")",
                        "(Some (Ipaddr.V4.of_string_exn \"10.0.0.1\"))",
                        "module Unikernel_main__21 ="
                                + " Unikernel.Main(Tcpip_stack_direct_makev4v6__20)\n",
                        "  Netif.connect \"service\"\n",
                        "(Unikernel_main__21.start _tcpip_stack_direct_makev4v6__20 : unit io)");
        assertThat(main(STACKV4, directStackv4WithDhcp(defaultConsole(), tap0()), Target.SPT))
                .contains("Dhcp_ipv4.Proj_net(", "(Some [1; 3])");
        assertThat(main(STACKV4, socketStackv4(defaultConsole(), List.of()), Target.UNIX))
                .contains("Tcpip_stack_socket.V4V6.connect _udpv4v6_socket__", "\"0.0.0.0/0\"");
        assertThat(main(STACKV4, STACK, Target.QUBES)).contains("Qubesdb_ipv4.Make(Qubes.DB)(");
    }

    @Test
    void services_standOnTheStack() {
        var server = httpServer(new ServerMode.Tcp(8080), conduitDirect(STACK));
        assertThat(main(HTTP, server, Target.HVT))
                .contains("Cohttp_mirage.Server.Make(Conduit_mirage_tcp__21)", "(`TCP 8080)");
        var resolver = resolverDns(STACK, Optional.of("9.9.9.9"), OptionalInt.of(53));
        assertThat(main(RESOLVER, resolver, Target.HVT)).contains("[\"udp:9.9.9.9:53\"; \"tcp:");
        assertThat(main(RESOLVER, resolverUnixSystem(), Target.UNIX))
                .contains("Lwt.return Resolver_lwt_unix.system");
    }

    @Test
    void storage_isCrunched_readDirectly_orFat() {
        Project crunched = one(KV_RO, crunch("htdocs"));
        assertThat(text(crunched, Target.HVT, "mirage/main.ml"))
                .contains("Static_htdocs.connect ()");
        assertThat(text(crunched, Target.HVT, "dune.build"))
                .contains("(targets Static_htdocs.ml Static_htdocs.mli)")
                .doesNotContain(" crunch ");
        assertThat(text(crunched, Target.HVT, "mirage/app-hvt.opam"))
                .contains("\"crunch\" { ?monorepo & build & >= \"4.0.0\" & < \"5.0.0\" }");
        assertThat(main(KV_RO, directKvRo("t"), Target.UNIX)).contains("Mirage_kv_unix.connect");
        assertThat(main(KV_RO, directKvRo("t"), Target.XEN)).contains("Static_t.connect ()");
        var fat = kvRoOfFs(fat(blockOfFile("storage")));
        assertThat(main(KV_RO, fat, Target.HVT)).contains("Fat.KV_RO(Block)");
        assertThat(main(BLOCK, blockOfFile("a"), Target.XEN)).contains("Block.connect \"51728\"");
    }

    @Test
    void twoInterfaces_areToldApart_byTheirNames() {
        var both = foreign("M", IPV4.to(IPV4.to(JOB)));
        Project two = Project.of("x", both.$(defaultIpv4(netif("a"))).$(defaultIpv4(netif("b"))));
        assertThat(text(two, Target.HVT, "mirage/main.ml"))
                .contains("V4.network ~group:\"a\" (Ipaddr", "V4.network ~group:\"b\" (Ipaddr");
    }

    @Test
    void job_withoutDevices_isStartedOnce() {
        var plain = Project.of("x", foreign("Unikernel", CONSOLE.to(JOB)).$(defaultConsole()));
        assertThat(text(plain, Target.HVT, "mirage/main.ml"))
                .contains("(Unikernel.start _unit__11 : unit io)");
    }

    @ParameterizedTest
    @CsvSource({
        "UNIX, app, default, '(link_flags (-thread))', mirage-unix",
        "MACOSX, app, default, '(link_flags (-thread))', mirage-unix",
        "XEN, app.xen, solo5, solo5-abi=xen, mirage-xen",
        "QUBES, app.xen, solo5, solo5-abi=xen, mirage-xen",
        "HVT, app.hvt, solo5, solo5-abi=hvt, mirage-solo5",
        "SPT, app.spt, solo5, solo5-abi=spt, mirage-solo5",
        "VIRTIO, app.virtio, solo5, solo5-abi=virtio, mirage-solo5",
        "MUEN, app.muen, solo5, solo5-abi=muen, mirage-solo5",
        "GENODE, app.genode, solo5, solo5-abi=genode, mirage-solo5",
        "UNIKRAFT_QEMU, app.qemu, unikraft, '(libraries', mirage-unikraft",
        "UNIKRAFT_FIRECRACKER, app.fc, unikraft, '(libraries', mirage-unikraft"
    })
    void target_hasItsOwnFiles(
            Target target, String product, String context, String flags, String library) {
        var all = files(one(NETWORK, netif("service")), target);
        assertThat(all.get("dune.build"))
                .contains("(target " + product + ")", "\"" + context + "\"", flags, library);
        assertThat(all.get("dist/dune")).contains("(copy ../" + product + " %{target})");
        assertThat(all.get("dune-project")).contains("(name app-" + target + ")");
        assertThat(all.get("mirage/app-" + target + ".opam"))
                .contains("dist/" + product, "\"" + library + "\" { ?monorepo & >= ");
        assertThat(all.get("dune-workspace")).contains(context);
        assertThat(all.get("Makefile")).contains("dist/" + product, "app-" + target);
        assertThat(all.containsKey("mirage/manifest.json"))
                .isEqualTo(target.isSolo5() || target.isXen());
        if (target.isSolo5()) {
            assertThat(all.get("mirage/manifest.json")).contains("\"service\"");
        }
    }

    @Test
    void domains_haveTheirDevices_whereOthersAskForThem() {
        var main = foreign("M", NETWORK.to(BLOCK.to(JOB)));
        Project web = Project.of("web", main.$(netif("0")).$(blockOfFile("d'1.img")));
        assertThat(text(web, Target.XEN, "mirage/web.xl"))
                .contains("vdev=xvdb, access=rw, target=d'1.img", "'bridge=br0'");
        assertThat(text(web, Target.XEN, "mirage/web.xl.in"))
                .contains("@BLOCK:d'1.img@", "@NETWORK:0@", "kernel = '@KERNEL@'");
        assertThat(text(web, Target.XEN, "mirage/web_libvirt.xml"))
                .contains("<source file='d&apos;1.img'/>", "<source bridge='br0'/>");
        Project virtual = Project.of("web", main.$(netif("net0")).$(blockOfFile("disk")));
        assertThat(text(virtual, Target.VIRTIO, "mirage/web_libvirt.xml"))
                .contains("web.virtio", "<model type='virtio'/>", "dev='vda'");
    }

    @Test
    void keys_becomeTermsThatCmdlinerReads() {
        Project keyed =
                one(NETWORK, netif("service"))
                        .withKeys(
                                Key.number("web-port", "where").orElse(80L),
                                Key.text("hello", "what \"it\" says"));
        assertThat(text(keyed, Target.HVT, "mirage/keys.ml"))
                .contains("let web_port =", "value & opt int (80) (info ~doc:\"where\"")
                .contains("required & opt (some string) None (info ~doc:\"what \\\"it\\\" says\"");
        assertThat(text(keyed, Target.HVT, "dune.build")).contains("./mirage/keys.ml");
    }

    @Test
    void whatReleaseFourAloneHas_isRefusedByTheOlderOne() {
        var eyeballs = one(Devices4.HAPPY_EYEBALLS, Devices4.happyEyeballs(STACK));
        assertThatThrownBy(
                        () ->
                                eyeballs.configure(
                                        Target.UNIX,
                                        Dialect.MIRAGE_2_5,
                                        new VectorsTest.Desk("/r")))
                .hasMessage("release 2.5 has no happy_eyeballs: say --dialect 4");
        assertThatThrownBy(() -> Devices4.inGroup("a", STACK)).hasMessageContaining("no group");
        assertThat(eyeballs.dot(Target.HVT, new VectorsTest.Desk("/r")))
                .contains("Happy_eyeballs_mirage.Make");
    }

    @Test
    void whatReleaseFourLacks_isNamed_withTheNextStep() {
        var stack = STACK;
        refused(Target.HVT, one(FS, fatOfFiles()), "fat_of_files", "crunch");
        refused(Target.HVT, one(FS, fat(blockOfFile("a"))), "fat", "kv_ro_of_fs");
        refused(Target.MUEN, one(BLOCK, blockOfFile("a")), "'a'", "muen");
        refused(Target.HVT, one(RESOLVER, resolverUnixSystem()), "hvt", "resolver_dns");
        refused(
                Target.HVT,
                one(STACKV4, socketStackv4(defaultConsole(), List.of())),
                "hvt",
                "direct");
        refused(Target.HVT, one(CONDUIT, conduitDirect(vchanXen("u"), tlsNone(), stack)), "vchan");
        refused(
                Target.UNIX,
                one(NETWORK, tap0()).withTracing(mprofTrace(1000)),
                "tracing",
                "leave it out");
        var gateways = ipv4Config("10.0.0.2", "255.255.255.0", "10.0.0.1", "10.0.0.9");
        refused(Target.HVT, one(IPV4, createIpv4(netif("a"), gateways)), "10.0.0.9", "one");
    }

    private static void refused(Target target, Project project, String... whys) {
        assertThatThrownBy(() -> files(project, target))
                .isInstanceOf(ConfigException.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(whys));
    }
}
