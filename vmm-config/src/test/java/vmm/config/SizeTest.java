package vmm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static vmm.config.Mirage.*;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A chain of 10,000 devices; bench/ measures. */
class SizeTest {
    private static final int DEVICES = 10_000;

    private static Project deep() {
        var join = foreign("Join.Make", KV_RO.to(BLOCK.to(KV_RO)));
        Dev<Kind.KvRo> chain = kvRoOfFs(fat(blockOfFile("start")));
        for (int i = 0; i < DEVICES / 2; i++) {
            chain = join.$(chain).$(blockOfFile("b" + i));
        }
        return Project.of("deep", foreign("M.Main", KV_RO.to(JOB)).$(chain));
    }

    @Test
    void configure_isDone_whereOneDeviceNeedsAllOthers() {
        List<Artefact> files =
                deep().configure(Target.UNIX, Dialect.MIRAGE_2_5, new VectorsTest.Desk("/r"));
        assertThat(files).hasSize(5);
        assertThat(files.getLast().text()).contains("let block" + DEVICES / 2 + " () =");
        assertThat(deep().dot(Target.UNIX, new VectorsTest.Desk("/r"))).contains("b4999");
    }
}
