package vmm.stats.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.os.KeptFile;
import vmm.stats.core.Reading;

/** Files laid out as the kernel lays them out, in both versions. */
class GroupFilesTest {
    private static final String GROUP =
            "9:memory:/vmm/d.a:hello\n4:cpu,cpuacct:/vmm/d.a:hello\n0::/vmm/d.a:hello\n";

    @TempDir private Path root;

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private String mount(String folder, String type, String options) {
        return "30 20 0:27 / "
                + root.resolve(folder)
                + " rw - "
                + type
                + " cgroup rw,"
                + options
                + "\n";
    }

    private static Reading.Group read(String mountinfo) {
        try (var files = GroupFiles.open(mountinfo, GROUP).orElseThrow();
                var reader = new KeptFile(4096)) {
            return files.read(reader, new byte[4096]);
        }
    }

    @Test
    void version1_isRead() throws IOException {
        write("memory/vmm/d.a:hello/memory.usage_in_bytes", "4096000\n");
        write("memory/vmm/d.a:hello/memory.limit_in_bytes", "9223372036854771712\n");
        write(
                "cpu/vmm/d.a:hello/cpu.stat",
                "nr_periods 70\nnr_throttled 50\nthrottled_time 1234567890\n");
        assertThat(
                        read(
                                mount("memory", "cgroup", "memory")
                                        + mount("cpu", "cgroup", "cpu,cpuacct")))
                .isEqualTo(new Reading.Group(4_096_000, Reading.Group.UNLIMITED, 1_234_567, 50));
    }

    @Test
    void version2_isRead() throws IOException {
        write("cgroup.controllers", "");
        write("unified/vmm/d.a:hello/cgroup.controllers", "cpu memory pids\n");
        write("unified/vmm/d.a:hello/memory.current", "77\n");
        write("unified/vmm/d.a:hello/memory.max", "1000\n");
        write(
                "unified/vmm/d.a:hello/cpu.stat",
                "usage_usec 5\nnr_periods 3\nnr_throttled 2\nthrottled_usec 9\n");
        assertThat(read(mount("unified", "cgroup2", "nsdelegate")))
                .isEqualTo(new Reading.Group(77, 1000, 9, 2));
        write("unified/vmm/d.a:hello/memory.max", "max\n");
        assertThat(read(mount("unified", "cgroup2", "nsdelegate")).memoryLimitBytes())
                .isEqualTo(Reading.Group.UNLIMITED);
    }

    @Test
    void processOutsideADomain_hasNoGroup() throws IOException {
        write("memory/user/memory.usage_in_bytes", "1\n");
        String mounts = mount("memory", "cgroup", "memory");
        assertThat(GroupFiles.open(mounts, "9:memory:/user\n")).isEmpty();
        assertThat(GroupFiles.open(mounts, "9:memory:/vmm/d.gone\n")).isEmpty();
        assertThat(GroupFiles.open("", "")).isEmpty();
    }
}
