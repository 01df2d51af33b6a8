package vmm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static vmm.config.Mirage.*;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import vmm.core.Name;

/** Plans fit their project, or say what does not. */
class PlanTest {
    private static final Dev<Kind.Network> NET = netif(new DeviceName("service"));
    private static final Dev<Kind.Block> DISK = blockOfFile(new DeviceName("storage"));
    private static final Key<String> HELLO = Key.text("hello", "what it says");
    private static final Key<Long> PORT = Key.number("port", "where it listens").orElse(80L);
    private static final Project WEB =
            Project.of("web", foreign("U.Main", NETWORK.to(BLOCK.to(JOB))).$(NET).$(DISK))
                    .withKeys(HELLO, PORT);

    private static Plan.Builder whole() {
        return WEB.plan()
                .memory(64)
                .cpus(1, 0)
                .net(NET, bridge("br0"))
                .block(DISK, volume("web-data").withSectors(4096))
                .set(HELLO, "hi there");
    }

    @Test
    void plan_isWhatTheDaemonIsAskedFor() {
        Plan plan = whole().restart(1, 2).startup(7).build();
        assertThat(plan.arguments().argvOrEmpty()).containsExactly("--hello=hi there");
        assertThat(plan.arguments().networks()).hasSize(1);
        assertThat(plan.tenderArguments(Map.of("service", "tap9"), Map.of("storage", "d.img")))
                .containsExactly("--mem=64", "--net:service=tap9", "--block:storage=d.img");
        var deployment =
                new Deployment(Name.parse("a:web"), plan, java.nio.file.Path.of("/i/web.hvt"));
        assertThat(deployment.yaml())
                .isEqualTo(
                        """
                        unikernels:
                          "a:web":
                            image: "/i/web.hvt"
                            memory: 64
                            cpus: [0, 1]
                            net: ["service:br0"]
                            block: ["storage:web-data@4096"]
                            args: ["--hello=hi there"]
                            restart-on-fail: true
                            exit-codes: [1, 2]
                            startup: 7
                        """);
    }

    @Test
    void key_isToldOnce_withItsValue() {
        assertThat(whole().set(PORT, 8080L).build().arguments().argvOrEmpty())
                .containsExactly("--hello=hi there", "--port=8080");
        assertThatThrownBy(() -> whole().set(HELLO, "twice"))
                .hasMessage("the key 'hello' is set twice");
    }

    @Test
    void build_namesWhatIsMissing() {
        assertThatThrownBy(() -> WEB.plan().block(DISK, volume("v")).set(HELLO, "x").build())
                .hasMessage("the network device 'service' has no bridge");
        assertThatThrownBy(() -> WEB.plan().net(NET, bridge("b")).set(HELLO, "x").build())
                .hasMessage("the block device 'storage' has no volume");
        assertThatThrownBy(() -> WEB.plan().net(NET, bridge("b")).block(DISK, volume("v")).build())
                .hasMessage("the key 'hello' has no value: what it says");
        assertThatThrownBy(() -> whole().memory(0).build()).hasMessageContaining("memory");
    }

    @Test
    void build_namesWhatIsTooMuch() {
        assertThatThrownBy(() -> whole().net(netif("other"), bridge("b")).build())
                .hasMessageContaining("'other'")
                .hasMessageContaining("networks are service, blocks are storage");
        assertThatThrownBy(() -> whole().net(NET, bridge("b")))
                .hasMessage("the device 'service' is bound twice");
        assertThatThrownBy(() -> whole().set(Key.text("colour", ""), "red"))
                .hasMessage("the project has no key 'colour'");
        assertThatThrownBy(() -> WEB.plan().bind("service", volume("v")).build())
                .hasMessageContaining("'service'");
    }

    @Test
    void names_areCheckedWhereTheyAreWritten() {
        for (String name : List.of("", "my-net", "net.0", "ü", "x".repeat(68))) {
            assertThatThrownBy(() -> new DeviceName(name))
                    .hasMessageStartingWith("the device '" + name + "': ");
        }
        assertThatThrownBy(
                        () ->
                                Project.of("x", foreign("M", NETWORK.to(JOB)).$(netif("br0.5")))
                                        .plan())
                .hasMessageContaining("'br0.5'");
        assertThatThrownBy(() -> Key.text("no good", "")).hasMessageContaining("'no good'");
        assertThatThrownBy(() -> WEB.withKeys(HELLO, HELLO)).hasMessageContaining("'hello'");
        assertThatThrownBy(() -> bridge("a/b")).hasMessageContaining("'a/b'");
        assertThatThrownBy(() -> volume("a:b")).hasMessageContaining("'a:b'");
    }

    @Test
    void manifest_holdsEachDeviceOnce_andEachNameOnce() {
        var main = foreign("M", NETWORK.to(NETWORK.to(JOB)));
        assertThat(Project.of("x", main.$(NET).$(NET)).manifest(Target.HVT).json())
                .isEqualTo(
                        "{\"type\":\"solo5.manifest\",\"version\":1,\"devices\":["
                                + "{\"name\":\"service\",\"type\":\"NET_BASIC\"}]}\n");
        var both = foreign("M", NETWORK.to(BLOCK.to(JOB)));
        Project clash = Project.of("x", both.$(NET).$(blockOfFile("service")));
        assertThatThrownBy(() -> clash.manifest(Target.HVT)).hasMessageContaining("'service'");
    }

    @Test
    void manifest_holds63Devices_andNoMore() {
        var device = foreign("M", NETWORK.to(JOB));
        var jobs = new java.util.ArrayList<Dev<Kind.Job>>();
        for (int i = 0; i < 63; i++) {
            jobs.add(device.$(netif("n" + i)));
        }
        assertThat(Project.of("x").withJobs(jobs).manifest(Target.HVT).devices()).hasSize(63);
        jobs.add(device.$(netif("n63")));
        assertThatThrownBy(() -> Project.of("x").withJobs(jobs).manifest(Target.HVT))
                .hasMessageContaining("63");
    }
}
