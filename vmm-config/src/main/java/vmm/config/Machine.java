package vmm.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The machine that this runs on.
 *
 * @param folder the project's, absolute
 * @param environment where {@code PATH} and {@code SOURCE_DATE_EPOCH} are looked up
 */
public record Machine(Path folder, Map<String, String> environment) implements Surroundings {
    public Machine {
        folder = folder.toAbsolutePath().normalize();
        environment = Map.copyOf(environment);
    }

    @Override
    public String root() {
        return folder.toString();
    }

    @Override
    public Instant time() {
        String told = environment.get("SOURCE_DATE_EPOCH");
        if (told == null || told.isEmpty()) {
            return Instant.now();
        }
        if (!told.matches("[0-9]{1,12}")) {
            throw new ConfigException("SOURCE_DATE_EPOCH is no number of seconds: " + told);
        }
        return Instant.ofEpochSecond(Long.parseLong(told));
    }

    @Override
    public boolean exists(String path) {
        return Files.exists(folder.resolve(path));
    }

    @Override
    public boolean hasProgram(String name) {
        for (String part : environment.getOrDefault("PATH", "").split(":", -1)) {
            if (!part.isEmpty() && Files.isExecutable(Path.of(part, name))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String machine() {
        return System.getProperty("os.arch", "").equals("amd64")
                ? "x86_64"
                : System.getProperty("os.arch", "");
    }

    @Override
    public boolean hasLibrary(String name) {
        return hasProgram("ocamlfind") && run("ocamlfind", "query", name).exit() == 0;
    }

    @Override
    public boolean needNocrypto(List<String> libraries) {
        var command = new ArrayList<>(List.of("ocamlfind", "query", "-format", "%p", "-recursive"));
        command.addAll(libraries);
        if (hasProgram("ocamlfind")) {
            Ran ran = run(command.toArray(String[]::new));
            if (ran.exit == 0) {
                return ran.output.lines().toList().contains("nocrypto");
            }
        }
        return libraries.stream().anyMatch(l -> l.equals("nocrypto") || l.startsWith("nocrypto."));
    }

    @Override
    public List<String> xenLinkLines(List<String> libraries) {
        if (!hasProgram("ocamlfind") || !hasProgram("opam")) {
            return List.of(
                    "$(shell ocamlfind query -r -format '-L%d %(xen_linkopts)' -predicates native "
                            + String.join(" ", libraries)
                            + ")");
        }
        String lib = told(List.of("opam", "config", "var", "lib")).getFirst();
        var command =
                new ArrayList<>(
                        List.of(
                                "ocamlfind",
                                "query",
                                "-r",
                                "-format",
                                "%d\t%(xen_linkopts)",
                                "-predicates",
                                "native"));
        command.addAll(libraries);
        var lines = new ArrayList<String>();
        for (String line : told(command)) {
            int tab = line.indexOf('\t');
            if (tab >= 0) {
                var flags = new ArrayList<String>();
                for (String flag : line.substring(tab + 1).split(" ", -1)) {
                    flags.add(expanded(lib, flag.strip()));
                }
                lines.addFirst("-L" + line.substring(0, tab) + " " + String.join(" ", flags));
            }
        }
        return lines;
    }

    /** findlib's {@code @NAME/FILE} names what a library's folder holds. */
    private static String expanded(String lib, String flag) {
        int at = flag.indexOf('@');
        if (at < 0) {
            return flag;
        }
        String rest = flag.substring(at + 1);
        int slash = rest.indexOf('/');
        if (slash < 0) {
            return Ocaml.concat(flag.substring(0, at) + lib, rest);
        }
        String folder = Ocaml.concat(flag.substring(0, at) + lib, rest.substring(0, slash));
        return Ocaml.concat(folder, expanded(lib, rest.substring(slash + 1)));
    }

    private List<String> told(List<String> command) {
        Ran ran = run(command.toArray(String[]::new));
        if (ran.exit != 0) {
            throw new ConfigException(
                    "The command \""
                            + String.join(" ", command)
                            + "\" exited with code "
                            + ran.exit
                            + ".");
        }
        return ran.output.lines().toList();
    }

    /** How a command ended. */
    record Ran(int exit, String output) {}

    /** Runs a command in the project's folder; its output, both kinds, is given back. */
    Ran run(String... command) {
        var builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            return new Ran(process.waitFor(), output);
        } catch (IOException e) {
            throw new ConfigException("cannot run " + command[0] + ": " + e.getMessage());
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts this", e);
        }
    }
}
