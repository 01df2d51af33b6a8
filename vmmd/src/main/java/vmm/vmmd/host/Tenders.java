package vmm.vmmd.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.core.image.SoloImage;
import vmm.core.image.Target;

/** Finds the tender that fits an image (BEHAVIOUR 6). Any thread. */
public final class Tenders {
    private static final Logger LOG = LogManager.getLogger(Tenders.class);
    private static final int VERSION_SECONDS_MAX = 10;

    /** The variables that a tender, its launcher and its Java look at. */
    private static final List<String> VARIABLES =
            List.of("LANG", "LC_ALL", "LC_CTYPE", "PATH", "VMM_JAVA_HOME", "VMM_JAVA_OPTIONS");

    private record Version(FileTime changed, String said) {}

    private final Path db;
    private final Optional<Path> builtIn;
    private final AtomicBoolean told = new AtomicBoolean();
    private final ConcurrentHashMap<Path, Version> versions = new ConcurrentHashMap<>();

    /**
     * @param builtIn the suite's own hvt tender, used where no other fits
     */
    public Tenders(Path db, Optional<Path> builtIn) {
        this.db = db;
        this.builtIn = builtIn;
    }

    /**
     * A tender that fits.
     *
     * @param builtIn whether it is the suite's own
     */
    record Found(Path program, Target target, boolean builtIn) {}

    /** What a tender may know of the host's environment; the supervisor's is root's. */
    static Map<String, String> environment() {
        var known = new HashMap<>(System.getenv());
        known.keySet().retainAll(VARIABLES);
        return known;
    }

    /**
     * The tender for {@code image}.
     *
     * @throws IOException if there is none, with what was tried
     */
    Found find(SoloImage image) throws IOException {
        String name = "solo5-" + image.target().name().toLowerCase(Locale.ROOT);
        var tried = new ArrayList<String>();
        for (Path candidate : candidates(name, image.abiVersion())) {
            if (!Files.isExecutable(candidate)) {
                continue;
            }
            String said = version(candidate);
            if (said.lines().anyMatch(("ABI version " + image.abiVersion())::equals)) {
                return isBuiltIn(candidate)
                        ? new Found(builtIn.orElseThrow(), image.target(), true)
                        : new Found(candidate, image.target(), false);
            }
            tried.add(candidate + " does not say 'ABI version " + image.abiVersion() + "'");
        }
        if (image.target() == Target.HVT && builtIn.isPresent()) {
            if (told.compareAndSet(false, true)) {
                LOG.info("no {} fits: using the built-in tender {}", name, builtIn.get());
            }
            return new Found(builtIn.get(), image.target(), true);
        }
        throw new IOException(
                "no tender for this image: install "
                        + name
                        + " with ABI version "
                        + image.abiVersion()
                        + " on the PATH or as "
                        + db.resolve(name)
                        + (tried.isEmpty() ? "" : " (" + String.join("; ", tried) + ")"));
    }

    /** A link to the suite's own needs what that one needs. */
    private boolean isBuiltIn(Path candidate) throws IOException {
        return builtIn.isPresent()
                && Files.exists(builtIn.get())
                && Files.isSameFile(candidate, builtIn.get());
    }

    private List<Path> candidates(String name, long abiVersion) {
        var folders = new ArrayList<Path>();
        folders.add(db);
        String path = System.getenv("PATH");
        for (String folder : path == null ? new String[0] : path.split(":")) {
            if (!folder.isEmpty()) {
                folders.add(Path.of(folder));
            }
        }
        return folders.stream()
                .flatMap(f -> List.of(f.resolve(name + "." + abiVersion), f.resolve(name)).stream())
                .toList();
    }

    private String version(Path tender) throws IOException {
        FileTime changed = Files.getLastModifiedTime(tender);
        Version known = versions.get(tender);
        if (known != null && known.changed().equals(changed)) {
            return known.said();
        }
        String said = ask(tender);
        versions.put(tender, new Version(changed, said));
        return said;
    }

    private static String ask(Path tender) throws IOException {
        Process process =
                new ProcessBuilder(tender.toString(), "--version")
                        .redirectErrorStream(true)
                        .start();
        process.getOutputStream().close();
        try {
            if (!process.waitFor(VERSION_SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return "";
            }
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
            return "";
        }
    }
}
