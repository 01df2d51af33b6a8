package vmm.config;

import java.util.List;
import java.util.Optional;
import vmm.core.image.Device;

/**
 * The files of a git repository or a folder, packed into an image when the unikernel is built.
 *
 * @param remote as git has it, or {@code file://FOLDER} or {@code relativize://FOLDER}
 * @param disk the name of the block device that the image is attached as
 * @param image the file that is made
 * @param analyze the term that says whether the image is checked first
 * @param branch what of the repository; empty: its head
 * @param needed files that dune makes, which must be there before
 */
public record Docteur(
        String remote,
        Mode mode,
        String disk,
        String image,
        String analyze,
        Optional<String> branch,
        List<String> needed)
        implements Configurable {
    /** Whether the folders are looked through when it starts, or whenever a file is read. */
    public enum Mode {
        FAST,
        LIGHT
    }

    public Docteur {
        needed = List.copyOf(needed);
    }

    /** The files of {@code remote}, with what release 4 has for the rest. */
    public static Docteur of(String remote) {
        return new Docteur(
                remote,
                Mode.FAST,
                "docteur",
                "disk.img",
                "Mirage_runtime.analyze",
                Optional.empty(),
                List.of());
    }

    @Override
    public Optional<Form> form(Target target) {
        boolean hosts = target.isUnix() || target.isUnikraft();
        String name = hosts ? "docteur-unix" : "docteur-solo5";
        String code =
                """
                let ( <.> ) f g = fun x -> f (g x) in
                  let f = Rresult.R.(failwith_error_msg <.> reword_error (msgf "%a" $M.pp_error)) in
                  Lwt.map f ($M.connect ~analyze:$1\s"""
                        + Ocaml.quoted(hosts ? image : disk)
                        + ")";
        String module = Ocaml.capitalized(name.replace('-', '_'));
        String kind = mode == Mode.FAST ? ".Fast" : ".Light";
        return Optional.of(
                Form.of(module + kind, code, Need.from(name, "0.0.6"))
                        .told(analyze)
                        .rules(rule())
                        .products(image));
    }

    private String rule() {
        var before = new StringBuilder();
        needed.forEach(file -> before.append(' ').append(file));
        int scheme = remote.indexOf("://");
        String folder = scheme < 0 ? "" : remote.substring(scheme + "://".length());
        if (remote.startsWith("file://")) {
            before.append(" (source_tree /").append(folder).append(')');
        } else if (remote.startsWith("relativize://")) {
            before.append(" (source_tree ").append(folder).append(')');
        }
        return "(rule\n (targets "
                + image
                + ")\n (enabled_if (= %{context_name} \"default\"))\n"
                + " (deps (:make %{bin:docteur.make})"
                + before
                + ")\n (action (run %{make} "
                + remote
                + branch.map(b -> " -b " + b).orElse("")
                + " "
                + image
                + ")))";
    }

    @Override
    public Optional<Device> attached() {
        return Optional.of(DeviceName.device(disk, Device.Kind.BLOCK));
    }

    @Override
    public String module(Generation g) {
        throw Later.missing("docteur");
    }

    @Override
    public String variable(Generation g) {
        return module(g);
    }
}
