package vmm.vmmd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import vmm.daemon.Logging;
import vmm.daemon.Options;
import vmm.daemon.Options.Option;
import vmm.vmmd.host.AlbatrossState;
import vmm.vmmd.host.ImageStore;
import vmm.vmmd.host.StateLog;

/** {@code vmmd import-state} and {@code vmmd export-state}, while no vmmd runs on the database. */
final class Transfer {
    private static final String RELEASE_DEFAULT = "2.7.2";

    private Transfer() {}

    private static final List<Option> OPTIONS =
            List.of(
                    Option.of("--dbdir", "DIR", "state, images, block devices"),
                    Option.of("--file", "FILE", "albatross's state (default DIR/state)"),
                    Option.of("--release", "R", "for export-state: who shall read it (2.7.2)"));

    /** True if {@code argument} names one of the two. */
    static boolean isMeant(String argument) {
        return argument.equals("import-state") || argument.equals("export-state");
    }

    /** Does what {@code verb} says; what is thrown tells it. */
    static Options.Ended run(String verb, String... arguments) throws IOException, Options.Ended {
        Options options = Options.parse("vmmd " + verb, OPTIONS, arguments);
        Logging.configure(options.verbosity());
        Path db = Path.of(options.value("--dbdir").orElse(VmmdMain.DB));
        Path file = options.value("--file").map(Path::of).orElse(db.resolve("state"));
        return options.done(
                verb.equals("import-state") ? read(db, file) : write(db, file, options));
    }

    private static String read(Path db, Path file) throws IOException {
        Path own = db.resolve(VmmdMain.STATE);
        if (Files.exists(own)) {
            throw new IOException(own + " is there already: move it away to import another");
        }
        Files.createDirectories(db);
        var images = new ImageStore(db.resolve("images"));
        StateLog.Content content = AlbatrossState.read(file, images);
        StateLog.start(own, content).close();
        return "imported " + what(content) + " from " + file;
    }

    private static String write(Path db, Path file, Options options)
            throws IOException, Options.Ended {
        String release = options.value("--release").orElse(RELEASE_DEFAULT);
        Optional<AlbatrossState.Reader> reader = AlbatrossState.Reader.of(release);
        if (reader.isEmpty()) {
            throw options.wrong(
                    "no state can be written for release '" + release + "': 1.0 to 2.7");
        }
        Path own = db.resolve(VmmdMain.STATE);
        if (!Files.exists(own)) {
            throw new IOException("nothing to export: there is no " + own);
        }
        if (Files.exists(file)) {
            throw new IOException(file + " is there already: move it away, or name another --file");
        }
        StateLog.Content kept = StateLog.read(own);
        boolean policies = reader.get().form().hasPolicies();
        var content = policies ? kept : new StateLog.Content(kept.unikernels(), List.of());
        AlbatrossState.write(file, reader.get(), content, new ImageStore(db.resolve("images")));
        return "exported "
                + what(content)
                + " to "
                + file
                + (policies || kept.policies().isEmpty()
                        ? ""
                        : "; releases before 2.2 keep no policies: add them there again");
    }

    private static String what(StateLog.Content content) {
        return content.unikernels().size()
                + " unikernels and "
                + content.policies().size()
                + " policies";
    }
}
