package vmm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** OCaml's compiler with signatures that a main.ml is compiled against. */
final class OcamlCompiler {
    private final Path folder;
    private final Machine machine;
    private final List<String> options;

    /**
     * A compiler in a folder of its own; the test is skipped where the machine has none.
     *
     * @param signatures where they are
     * @param names theirs, in the order in which they need each other
     * @param options those for main.ml
     */
    OcamlCompiler(Path folder, Path signatures, List<String> names, String... options)
            throws IOException {
        this.folder = folder;
        this.machine = new Machine(folder, System.getenv());
        this.options = List.of(options);
        assumeTrue(machine.hasProgram("ocamlc"), "ocamlc is not installed");
        var files = new ArrayList<String>();
        for (String name : names) {
            Files.copy(signatures.resolve(name + ".mli"), folder.resolve(name + ".mli"));
            files.add(name + ".mli");
        }
        Machine.Ran ran = compile(List.of(), files);
        assertThat(ran.exit()).as(ran.output()).isZero();
    }

    private Machine.Ran compile(List<String> with, List<String> files) throws IOException {
        var command = new ArrayList<String>();
        command.add("ocamlc");
        command.addAll(with);
        command.add("-c");
        command.addAll(files);
        return machine.run(command.toArray(String[]::new));
    }

    /** What the compiler says of a main.ml. */
    Machine.Ran compiled(String main) throws IOException {
        Files.writeString(folder.resolve("main.ml"), main);
        return compile(options, List.of("main.ml"));
    }

    void assertAccepts(String main) throws IOException {
        Machine.Ran ran = compiled(main);
        assertThat(ran.exit()).as("%s\n%s", ran.output(), main).isZero();
    }

    void assertRefuses(String main, String why) throws IOException {
        Machine.Ran ran = compiled(main);
        assertThat(ran.exit()).as(main).isNotZero();
        assertThat(ran.output()).contains(why);
    }
}
