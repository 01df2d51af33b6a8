package vmm.config;

import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Block devices and what is kept on them, as release 4 has them. */
final class StorageParts {
    private final Target target;
    private final Part.Store store;
    private final Map<String, Integer> places = new HashMap<>();

    /**
     * The storage parts of one graph.
     *
     * @param blocks the names of all its block devices, in its order
     */
    StorageParts(Target target, Part.Store store, Collection<String> blocks) {
        this.target = target;
        this.store = store;
        blocks.forEach(name -> places.put(name, places.size() + 1));
    }

    Part block(String name) {
        Need library =
                switch (target) {
                    case UNIX, MACOSX -> Need.of("mirage-block-unix", "2.12.0", "3.0.0");
                    case XEN, QUBES -> Need.of("mirage-block-xen", "2.1.0", "3.0.0").with("front");
                    case HVT, SPT, VIRTIO, GENODE ->
                            Need.of("mirage-block-solo5", "0.8.0", "0.9.0");
                    case MUEN ->
                            throw new ConfigException(
                                    "the block device '" + name + "': muen has none");
                    case UNIKRAFT_FIRECRACKER, UNIKRAFT_QEMU ->
                            Need.of("mirage-block-unikraft", "1.0.0", "2.0.0");
                };
        String device =
                target.isXen() ? String.valueOf(xenNumber(places.getOrDefault(name, 0))) : name;
        return store.part(Form.of("Block", "$M.connect " + Ocaml.quoted(device), library));
    }

    /** The number of the nth virtual disk in Xen's store; the boot disk is the 0th. */
    private static int xenNumber(int nth) {
        return nth < 16 ? (202 << 8) | (nth << 4) : (1 << 28) | (nth << 8);
    }

    Part fat(Part block) {
        Need library = Need.of("fat-filesystem", "0.15.0", "0.16.0");
        return store.part(Form.of("Fat.KV_RO", "$M.connect $1", library), block);
    }

    Part crunch(String folder) {
        String name = "Static_" + mangled(folder);
        String files = name + ".ml " + name + ".mli";
        Need memory = Need.of("mirage-kv-mem", "4.0.0", "5.0.0");
        Need crunch = Need.of("crunch", "4.0.0", "5.0.0").as(Need.Use.PROGRAM);
        return store.part(
                Form.of(name, "$M.connect ()", memory, crunch)
                        .rules(
                                "(rule\n  (targets "
                                        + files
                                        + ")\n  (deps (source_tree "
                                        + folder
                                        + "))\n  (action\n    (run ocaml-crunch -o "
                                        + name
                                        + ".ml "
                                        + folder
                                        + ")))"));
    }

    private static String mangled(String folder) {
        return folder.replaceAll("[^0-9a-zA-Z]", "_").toLowerCase(Locale.ROOT);
    }

    /** The files where they are; elsewhere than on unix they become a part of the program. */
    Part direct(String folder) {
        if (!target.isUnix() && !target.isUnikraft()) {
            return crunch(folder);
        }
        Need library = Need.of("mirage-kv-unix", "2.1.0", "3.0.0");
        return store.part(Form.of("Mirage_kv_unix", "$M.connect " + Ocaml.quoted(folder), library));
    }
}
