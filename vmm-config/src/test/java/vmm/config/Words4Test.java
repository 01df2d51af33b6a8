package vmm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static vmm.config.Devices4.*;
import static vmm.config.Mirage.*;
import static vmm.config.Services4.*;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The words of release 4, in the notation of {@code config.ml} and in YAML. */
class Words4Test {
    private static final Dev<Kind.Stackv4> STACK = Generic4.genericStackv4v6(netif("service"));
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
    private static final Dev<Kind.Tcp<Kind.V4V6>> TCP = tcpOfStack(STACK);

    @TempDir Path folder;

    private Project read(String name, String text, Map<String, String> told) throws IOException {
        Path file = Files.writeString(folder.resolve(name), text);
        return Loading.load(file, Target.HVT, Map.of(), told).project();
    }

    private static Map<String, String> files(Project project, Target target) {
        return project.configure(target, Dialect.MIRAGE_4, new VectorsTest.Desk("/r")).stream()
                .collect(Collectors.toMap(Artefact::path, Artefact::text));
    }

    @Test
    void notation_isWhatJavaIs_forNamesGitAndTheWeb() throws IOException {
        String text =
                """
                open Mirage
                let port = Runtime_arg.create ~pos:__POS__ "Unikernel.port"
                let stack = generic_stackv4v6 (netif "service")
                let he = generic_happy_eyeballs ~connect_delay:50_000_000L stack
                let dns = generic_dns_client ~nameservers:["tcp:9.9.9.9"] ~timeout:1_000_000_000L
                    ~cache_size:8 stack he
                let tcp = tcpv4v6_of_stackv4v6 stack
                let mimic = mimic_happy_eyeballs stack he dns
                let git = merge_git_clients (git_tcp tcp mimic)
                    (merge_git_clients (git_ssh ~key:"k" tcp mimic)
                       (git_http ~headers:["a", "b"] tcp mimic))
                let packages = [ package "zed" ~sublibs:["unix"] ]
                let main = main ~pos:__POS__ ~packages "Unikernel.Main"
                    (git_client @-> http_server @-> alpn_client @-> stackv4v6 @-> job)
                let () = register ~src:`None "app"
                    [ main $ git $ paf_server ~port tcp $ paf_client tcp mimic $ stack;
                      syslog_udp stack |> (fun s -> foreign "Logged" (syslog @-> job) $ s);
                      monitoring ~group:"m" stack; noop ]
                """;
        var ssh = gitSsh(Optional.of("k"), Optional.empty(), Optional.empty(), TCP, MIMIC_DEVICE);
        var http = gitHttp(Optional.empty(), Map.of("a", "b"), TCP, MIMIC_DEVICE);
        var git = mergeGitClients(gitTcp(TCP, MIMIC_DEVICE), mergeGitClients(ssh, http));
        var types = GIT_CLIENT.to(HTTP_SERVER.to(ALPN_CLIENT.to(STACKV4.to(JOB))));
        var main = foreign("Unikernel.Main", types, List.of("zed.unix"), List.of("zed"));
        Project java =
                Project.of(
                        "app",
                        main.$(git)
                                .$(pafServer("Unikernel.port", TCP))
                                .$(pafClient(TCP, MIMIC_DEVICE))
                                .$(STACK),
                        foreign("Logged", SYSLOG.to(JOB)).$(syslogUdp(STACK)),
                        inGroup("m", monitoring(STACK)),
                        noop());
        Project notation = read("config.ml", text, Map.of());
        for (Target target : List.of(Target.HVT, Target.UNIX, Target.XEN)) {
            assertThat(files(notation, target)).isEqualTo(files(java, target));
        }
    }

    @Test
    void yaml_isWhatJavaIs_forStoresAndHttp() throws IOException {
        String text =
                """
                name: app
                devices:
                  disk: block_of_file "disk"
                  key: Runtime_arg.create ~pos:__POS__ "Unikernel.key"
                  size: Runtime_arg.create ~pos:__POS__ "Unikernel.size"
                  littlefs: chamelon ~program_block_size:size (ccm_block key disk)
                  conduit: conduit_direct ~tls:true (generic_stackv4v6 (netif "service"))
                  files: docteur ~mode:`Light ~name:"htdocs" ~branch:"main" "relativize://htdocs"
                  main: >-
                    foreign "U.Main" (kv_rw @-> kv_rw @-> kv_ro @-> kv_ro @-> kv_ro @-> http
                    @-> http @-> job)
                jobs:
                  - >-
                    main $ littlefs $ kv_rw_mem () $ tar_kv_ro (ramdisk "r") $ files
                    $ fat_ro (block_of_file "fat") $ cohttp_server conduit $ httpaf_server conduit
                """;
        var littlefs = chamelon("Unikernel.size", ccmBlock("Unikernel.key", blockOfFile("disk")));
        var conduit = conduitTls(conduitDirect(STACK));
        var packed =
                new Docteur(
                        "relativize://htdocs",
                        Docteur.Mode.LIGHT,
                        "htdocs",
                        "disk.img",
                        "Mirage_runtime.analyze",
                        Optional.of("main"),
                        List.of());
        var types = KV_RW.to(KV_RW.to(KV_RO.to(KV_RO.to(KV_RO.to(HTTP.to(HTTP.to(JOB)))))));
        Project java =
                Project.of(
                        "app",
                        foreign("U.Main", types)
                                .$(littlefs)
                                .$(kvRwMem())
                                .$(tarKvRo(ramdisk("r")))
                                .$(docteur(packed))
                                .$(kvRoOfFs(fat(blockOfFile("fat"))))
                                .$(cohttpServer(conduit))
                                .$(httpafServer(conduit)));
        var files = files(read("app.yaml", text, Map.of()), Target.HVT);
        assertThat(files).isEqualTo(files(java, Target.HVT));
        assertThat(files.get("mirage/manifest.json")).contains("\"htdocs\"", "\"disk\"");
        assertThat(files.get("mirage/main.ml"))
                .contains("Docteur_solo5.Light.connect ~analyze:", "\"htdocs\"")
                .contains("Httpaf_mirage.Server_with_conduit.listen _conduit_mirage_tls__");
        assertThat(files.get("dune.build"))
                .contains("(deps (:make %{bin:docteur.make}) (source_tree htdocs))")
                .contains("(run %{make} relativize://htdocs -b main disk.img)");
        assertThat(files.get("dist/dune")).contains("(target disk.img)", "../disk.img");
        assertThat(files(java, Target.UNIX).get("mirage/main.ml"))
                .contains("Docteur_unix.Light.connect", "\"disk.img\"");
    }

    @Test
    void generic_isChosen_byTheTargetAndItsKeys() throws IOException {
        String text =
                """
                let stack = generic_stackv4v6 ~group:"in" ~ipv4_gateway:(Ipaddr.V4.of_string_exn "10.9.0.1")
                    ~ipv4_network:(Ipaddr.V4.Prefix.of_string_exn "10.9.0.2/20") default_network
                let main = foreign "U.Main" (stackv4v6 @-> block @-> kv_ro @-> job)
                let () = register "x" [ main $ stack $ generic_block "disk" $ generic_kv_ro "t" ]
                """;
        String usual = main(text, Map.of(), Target.HVT);
        assertThat(usual).contains("Dhcp_ipv4", "\"service\"", "Ramdisk", "Static_t");
        var told = Map.of("in-no-dhcp", "true", "block", "file", "kv-ro", "direct");
        assertThat(main(text, told, Target.HVT))
                .contains("Static_ipv4.Make", "10.9.0.2/20", "10.9.0.1", "Block.connect");
        assertThat(main(text, told, Target.UNIX))
                .contains("Tcpip_stack_socket.V4V6", "Mirage_kv_unix.connect");
        var direct = Map.of("in-no-dhcp", "true", "in-net", "direct");
        assertThat(main(text, direct, Target.UNIX)).contains("Static_ipv4.Make", "\"tap0\"");
        assertThat(main(text, Map.of("in-net", "host"), Target.MACOSX)).contains("V4V6.connect");
        assertThat(main(text, Map.of(), Target.XEN)).contains("Dhcp_ipv4", "\"0\"");
        assertThat(main(text, Map.of("in-net", "host"), Target.QUBES)).contains("Qubesdb_ipv4");
    }

    private String main(String text, Map<String, String> told, Target target) throws IOException {
        return String.valueOf(files(read("config.ml", text, told), target).get("mirage/main.ml"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "package ~min:\"1.0.0\" \"x\"",
                "main ~packages:[\"x\"] \"M\" job",
                "generic_stackv4v6 ~ipv4_network:\"10.0.0.2/33\" tap0",
                "generic_stackv4v6 ~ipv6_gateway:\"::1\" tap0",
                "git_http ~headers:[\"x\"] default_network default_network",
                "tar_kv_ro tap0",
                "http_server @-> default_console",
                "ccm_block ~nonce_len:3 \"U.k\" (ramdisk \"x\")",
                "generic_dns_client ~timeout:1_L2L tap0 tap0"
            })
    void notation_refuses_whatIsNotThere(String expression) {
        assertThatThrownBy(() -> read("config.ml", "let x = " + expression, Map.of()))
                .isInstanceOf(ConfigException.class);
    }

    @Test
    void docteur_isNotIn25() {
        Project project = Project.of("x", foreign("M", KV_RO.to(JOB)).$(docteur(Docteur.of("r"))));
        assertThatThrownBy(() -> VectorsTest.main(project, Dialect.MIRAGE_2_5))
                .hasMessage("release 2.5 has no docteur: say --dialect 4");
    }
}
