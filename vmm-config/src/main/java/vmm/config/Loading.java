package vmm.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** A configuration file that is being read: what it registers is kept here. One thread uses it. */
public final class Loading {
    private static final ScopedValue<Loading> CURRENT = ScopedValue.newInstance();

    private final Path root;
    private final Target target;
    private final Map<String, String> settings;
    private final SortedSet<String> packages = new TreeSet<>();
    private final SortedSet<String> libraries = new TreeSet<>();
    private @Nullable Project project;
    private @Nullable Deployment deployment;

    private Loading(Path root, Target target, Map<String, String> settings) {
        this.root = root;
        this.target = target;
        this.settings = settings;
    }

    /** Registers what is configured; the last call wins. */
    public static void register(Project project) {
        current().project = project;
    }

    /** Registers how it is deployed; the last call wins. */
    public static void deploy(String name, Plan plan, String image) {
        var why = vmm.core.Name.problem(name);
        if (why.isPresent()) {
            throw new ConfigException(why.get());
        }
        current().deployment = new Deployment(vmm.core.Name.parse(name), plan, Path.of(image));
    }

    /** Adds opam's names of what is needed, whatever is registered. */
    static void needPackages(List<String> names) {
        current().packages.addAll(names);
    }

    /** Adds findlib's names of what is needed, whatever is registered. */
    static void needLibraries(List<String> names) {
        current().libraries.addAll(names);
    }

    /** What the configuration is read for. */
    public static Target target() {
        return current().target;
    }

    /** What the configuration is read for, or {@code other} where none is read. */
    static Target targetOr(Target other) {
        return CURRENT.isBound() ? current().target : other;
    }

    /** The project with what has been said of its conditions. */
    static Project here(Project project) {
        return CURRENT.isBound() ? project.withSettings(current().settings) : project;
    }

    private static Loading current() {
        if (!CURRENT.isBound()) {
            throw new ConfigException("no config file");
        }
        return CURRENT.get();
    }

    /** Reads a configuration where nothing is said of the keys that its conditions ask for. */
    public static Loaded load(Path file, Target target, Map<String, String> environment)
            throws IOException {
        return load(file, target, environment, Map.of());
    }

    /**
     * Reads a configuration: Java source, YAML, or the notation of {@code config.ml}.
     *
     * @param settings what is said of the keys that its conditions ask for
     */
    public static Loaded load(
            Path file, Target target, Map<String, String> environment, Map<String, String> settings)
            throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new ConfigException(file + " does not exist, stopping.");
        }
        Path whole = file.toRealPath();
        Path folder = whole.getParent();
        var loading = new Loading(folder == null ? Path.of("/") : folder, target, settings);
        String name = String.valueOf(whole.getFileName());
        if (name.endsWith(".java")) {
            ScopedValue.where(CURRENT, loading).call(() -> runJava(whole));
        } else if (name.endsWith(".ml")) {
            String text = Files.readString(whole);
            ScopedValue.where(CURRENT, loading)
                    .run(() -> new Notation(target, environment).program(text));
        } else if (name.endsWith(".yaml") || name.endsWith(".yml")) {
            String text = Files.readString(whole);
            ScopedValue.where(CURRENT, loading)
                    .run(() -> YamlConfig.read(text, target, environment));
        } else {
            throw new ConfigException(file + ": a configuration is .java, .yaml or .ml");
        }
        Project found = loading.project;
        if (found == null) {
            found = Project.of("empty");
        }
        found =
                found.withSettings(settings)
                        .withPackages(loading.packages.toArray(String[]::new))
                        .withLibraries(loading.libraries.toArray(String[]::new));
        return new Loaded(loading.root, found, Optional.ofNullable(loading.deployment));
    }

    private static boolean runJava(Path file) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new ConfigException("a configuration in Java needs a JDK, not only its runtime");
        }
        Path out = Files.createTempDirectory("vmm-config");
        try {
            var said = new StringWriter();
            try (var files = compiler.getStandardFileManager(null, null, UTF_8)) {
                String classPath = System.getProperty("java.class.path", "");
                var options =
                        List.of(
                                "-d",
                                out.toString(),
                                "-cp",
                                classPath,
                                "-proc:none",
                                "-implicit:class",
                                "-sourcepath",
                                String.valueOf(file.getParent()));
                var units = files.getJavaFileObjects(file);
                if (!compiler.getTask(said, files, null, options, null, units).call()) {
                    throw new ConfigException("Error loading config: " + said.toString().strip());
                }
            }
            run(out, file);
            return true;
        } finally {
            delete(out);
        }
    }

    private static void run(Path classes, Path file) throws IOException {
        var parent = Loading.class.getClassLoader();
        try (var loader = new URLClassLoader(new URL[] {url(classes)}, parent)) {
            String name = String.valueOf(file.getFileName());
            Class<?> type = loader.loadClass(name.substring(0, name.length() - ".java".length()));
            Method main = main(type);
            main.setAccessible(true);
            Object self = null;
            if (!Modifier.isStatic(main.getModifiers())) {
                var constructor = type.getDeclaredConstructor();
                constructor.setAccessible(true);
                self = constructor.newInstance();
            }
            if (main.getParameterCount() == 1) {
                main.invoke(self, (Object) new String[0]);
            } else {
                main.invoke(self);
            }
        } catch (InvocationTargetException e) {
            switch (e.getCause()) {
                case ConfigException why -> throw why;
                case null, default ->
                        throw new ConfigException("Error loading config: " + e.getCause());
            }
        } catch (ReflectiveOperationException e) {
            throw new ConfigException(
                    "Error loading config: "
                            + file
                            + " has no class with a main of its name: "
                            + e);
        }
    }

    private static URL url(Path folder) {
        try {
            return folder.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new AssertionError("every path has an URL", e);
        }
    }

    private static Method main(Class<?> type) throws NoSuchMethodException {
        try {
            return type.getDeclaredMethod("main", String[].class);
        } catch (NoSuchMethodException _) {
            return type.getDeclaredMethod("main");
        }
    }

    private static void delete(Path folder) throws IOException {
        List<Path> all;
        try (var found = Files.walk(folder)) {
            all = new ArrayList<>(found.sorted(Comparator.reverseOrder()).toList());
        }
        for (Path path : all) {
            Files.delete(path);
        }
    }
}
