package vmm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static vmm.config.Mirage.*;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Graphs with branches: the target or a key says which one there is. */
class ConditionTest {
    private static final VectorsTest.Desk DESK = new VectorsTest.Desk("/r");
    private static final Key<String> NET =
            Key.oneOf("net", "whose stack", "host", "direct").orElse("host");
    private static final Dev<Kind.Stackv4> STACK =
            matchImpl(
                    Value.of(NET),
                    Map.of("host", socketStackv4(defaultConsole(), java.util.List.of())),
                    directStackv4WithDhcp(
                            defaultConsole(),
                            ifImpl(Value.IS_SOLO5, netif("service"), netif("tap0"))));
    private static final Project WEB =
            Project.of("web", foreign("M.Main", STACKV4.to(JOB)).$(STACK));

    @TempDir Path folder;

    private static String main(Project project, Target target) {
        return project.configure(target, DESK).stream()
                .filter(file -> file.path().endsWith("main.ml"))
                .findFirst()
                .orElseThrow()
                .text();
    }

    @Test
    void branch_isChosenByKeyAndTarget() {
        assertThat(main(WEB, Target.UNIX)).contains("Tcpip_stack_socket.Make(Console)");
        Project direct = WEB.withSettings(Map.of("net", "direct"));
        assertThat(main(direct, Target.UNIX)).contains("Netif.connect \"tap0\"");
        assertThat(main(direct, Target.HVT)).contains("Netif.connect \"service\"");
        assertThat(direct.manifest(Target.HVT).json()).contains("\"service\"");
    }

    @Test
    void functor_mayBeABranch_andValuesFollowFromOthers() {
        Value<Boolean> both = Value.IS_XEN.with(Value.of(NET).is("direct"), (a, b) -> a && b);
        var main =
                ifImpl(
                        both,
                        foreign("Xen.Main", CONSOLE.to(JOB)),
                        foreign("Else.Main", CONSOLE.to(JOB)));
        Project project = Project.of("x", main.$(defaultConsole()));
        assertThat(main(project, Target.XEN)).contains("Else.Main(Console)");
        Project told = project.withSettings(Map.of("net", "direct"));
        assertThat(main(told, Target.XEN)).contains("Xen.Main(Console)");
        assertThat(main(told, Target.UNIX)).contains("Else.Main(Console)");
    }

    @Test
    void setting_isRefused_whereNothingAsksForIt_orItIsNoValue() {
        assertThatThrownBy(() -> main(WEB.withSettings(Map.of("dhcp", "1")), Target.UNIX))
                .hasMessage("no condition asks for 'dhcp': there are net");
        assertThatThrownBy(() -> main(WEB.withSettings(Map.of("net", "wifi")), Target.UNIX))
                .hasMessage("the key 'net' is one of host, direct, not 'wifi'");
        var need = Value.of(Key.flag("fast", "how it runs"));
        var device = ifImpl(need, netif("a"), netif("b"));
        assertThatThrownBy(
                        () ->
                                main(
                                        Project.of("x", foreign("M", NETWORK.to(JOB)).$(device)),
                                        Target.XEN))
                .hasMessageContaining("'fast'")
                .hasMessageContaining("--set fast=VALUE");
    }

    @Test
    void picture_showsOneBranch_orAll() {
        assertThat(WEB.dot(Target.UNIX, DESK)).doesNotContain("If\\n", "Netif");
        assertThat(WEB.dotWhole(DESK))
                .contains("[label=\"If\\nnet\"]", "[label=\"If\\ntarget\"]", "style=\"bold\"");
        assertThat(WEB.describe(Target.UNIX, Dialect.MIRAGE_2_5, DESK))
                .contains("Settings   net=host (default)\n");
    }

    @Test
    void notation_hasTheSameWords() throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("config.ml"),
                        """
                        open Mirage
                        let net = if_impl Key.is_solo5 (netif "service") (netif "eth0")
                        let disk = match_impl Key.(value target)
                          [ (`Xen, block_of_file "xen"); (`Hvt, block_of_file "hvt") ]
                          ~default:(block_of_file "other")
                        let main = foreign "M.Main" (network @-> block @-> job)
                        let () = register "x" [ main $ net $ disk ]
                        """);
        Project project = Loading.load(file, Target.UNIX, Map.of()).project();
        assertThat(main(project, Target.UNIX)).contains("\"eth0\"", "\"other\"");
        assertThat(main(project, Target.XEN)).contains("\"eth0\"", "\"xen\"");
        assertThat(main(project, Target.HVT)).contains("\"service\"", "\"hvt\"");
    }

    @Test
    void yaml_hasSettings() throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("x.yaml"),
                        """
                        name: x
                        settings:
                          net: {doc: whose stack, values: [host, direct], default: host}
                          fast: {doc: how it runs, default: false}
                        devices:
                          disk: if_impl fast (block_of_file "quick") (block_of_file "slow")
                          io: match_impl net [("direct", netif "direct")] ~default:(netif "host")
                          main: foreign "M" (network @-> block @-> job)
                        jobs: [main $ io $ disk]
                        """);
        assertThat(main(Loading.load(file, Target.HVT, Map.of()).project(), Target.HVT))
                .contains("\"host\"", "\"slow\"");
        var told = Map.of("net", "direct", "fast", "true");
        assertThat(main(Loading.load(file, Target.HVT, Map.of(), told).project(), Target.HVT))
                .contains("\"direct\"", "\"quick\"");
    }
}
