package vmm.bench;

import static vmm.config.Mirage.BLOCK;
import static vmm.config.Mirage.CONSOLE;
import static vmm.config.Mirage.JOB;
import static vmm.config.Mirage.KV_RO;
import static vmm.config.Mirage.NETWORK;
import static vmm.config.Mirage.blockOfFile;
import static vmm.config.Mirage.customConsole;
import static vmm.config.Mirage.foreign;
import static vmm.config.Mirage.netif;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import vmm.config.Artefact;
import vmm.config.Dev;
import vmm.config.Dialect;
import vmm.config.Kind;
import vmm.config.Machine;
import vmm.config.Project;
import vmm.config.Target;

/** Graphs of 10,000 devices, broad and deep, become their files. */
public final class ConfigBench {
    private static final int DEVICES = 10_000;
    private static final int ROUNDS = 7;

    private ConfigBench() {}

    private static Project broad() {
        var main = foreign("M.Main", CONSOLE.to(NETWORK.to(JOB)));
        var jobs = new ArrayList<Dev<Kind.Job>>();
        for (int i = 0; i < DEVICES / 2; i++) {
            jobs.add(main.$(customConsole("c" + i)).$(netif("n" + i)));
        }
        return Project.of("broad").withJobs(jobs);
    }

    private static Project deep() {
        var join = foreign("Join.Make", KV_RO.to(BLOCK.to(KV_RO)));
        Dev<Kind.KvRo> chain = foreign("Start", KV_RO);
        for (int i = 0; i < DEVICES; i++) {
            chain = join.$(chain).$(blockOfFile("b" + i));
        }
        return Project.of("deep", foreign("M.Main", KV_RO.to(JOB)).$(chain));
    }

    static void main() {
        var place = new Machine(Path.of(""), Map.of("SOURCE_DATE_EPOCH", "0"));
        for (Project project : List.of(broad(), deep())) {
            var millis = new ArrayList<Long>();
            for (int round = 0; round < ROUNDS; round++) {
                long start = System.nanoTime();
                List<Artefact> files = project.configure(Target.UNIX, Dialect.MIRAGE_2_5, place);
                millis.add((System.nanoTime() - start) / 1_000_000);
                if (files.size() < 5) {
                    throw new AssertionError("files are missing");
                }
            }
            System.out.println(project.name() + ", ms a round: " + millis);
        }
    }
}
