package vmm.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * A project's folder: files are written, built and removed here.
 *
 * @param say takes a line for who waits
 */
public record Workshop(Machine machine, Consumer<String> say) {
    /** Writes all files and runs what completes them; {@code opam} installs packages first. */
    public void configure(Project project, Target target, Dialect dialect, boolean opam)
            throws IOException {
        if (dialect == Dialect.MIRAGE_4) {
            for (Artefact file : Mirage4.of(project, target)) {
                write(file);
            }
            return;
        }
        Classic.Result result = Classic.of(project, target, dialect, machine);
        if (opam) {
            install(project, target);
        }
        for (Artefact file : result.files()) {
            write(file);
        }
        for (String command : result.commands()) {
            command(command);
        }
        result.faults().forEach(fault -> say.accept("as 2.5.0, and wrong: " + fault));
    }

    private void install(Project project, Target target) throws IOException {
        if (!machine.hasProgram("opam")) {
            throw new ConfigException("OPAM is not installed.");
        }
        var g = new Generation(target, machine);
        var packages = Classic.packages(project, g, project.nodes(target, machine));
        command("opam install --yes " + String.join(" ", packages));
    }

    private void write(Artefact file) throws IOException {
        say.accept("Generating: " + file.path());
        Path path = machine.folder().resolve(file.path());
        Files.createDirectories(path.getParent() == null ? machine.folder() : path.getParent());
        Files.writeString(path, file.text(), StandardCharsets.UTF_8);
        if (file.isProgram()) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    /** Runs a shell command; what it says is kept in the file {@code log}. */
    private void command(String command) throws IOException {
        say.accept("=> " + command);
        Machine.Ran ran = machine.run("sh", "-c", command);
        Files.writeString(machine.folder().resolve("log"), ran.output());
        if (ran.exit() != 0) {
            ran.output().lines().forEach(say);
            throw new ConfigException(
                    "The command \"" + command + "\" exited with code " + ran.exit() + ".");
        }
    }

    /** Builds what has been configured. */
    public void build() throws IOException {
        command("make build");
    }

    /** Removes everything that configuring and building made. */
    public void clean(Project project, Target target, Dialect dialect) throws IOException {
        var names = new ArrayList<String>();
        if (dialect == Dialect.MIRAGE_4) {
            Mirage4.of(project, target).forEach(file -> names.add(file.path()));
        } else {
            names.addAll(
                    List.of(
                            "myocamlbuild.ml",
                            "Makefile",
                            project.name() + ".xl",
                            project.name() + ".xe",
                            project.name() + "_libvirt.xml",
                            "main.ml",
                            "log",
                            "main.native.o",
                            "main.native",
                            "mir-" + project.name()));
            names.addAll(Classic.leftovers(project, target, machine));
        }
        for (String name : names) {
            if (Files.deleteIfExists(machine.folder().resolve(name))) {
                say.accept("Removing: " + name);
            }
        }
        Path built = machine.folder().resolve("_build");
        if (Files.isDirectory(built)) {
            List<Path> all;
            try (var found = Files.walk(built)) {
                all = found.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path path : all) {
                Files.delete(path);
            }
        }
    }
}
