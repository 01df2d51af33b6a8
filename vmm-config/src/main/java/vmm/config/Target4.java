package vmm.config;

import java.util.ArrayList;
import java.util.List;

/** What release 4 does for each target: packages, and files beside main.ml. */
final class Target4 {
    private static final int XL_MEMORY_MIB = 256;

    private Target4() {}

    static List<Need> needs(Target target) {
        var solo5 =
                List.of(
                        Need.of("ocaml-solo5", "0.8.2", "2.0.0").as(Need.Use.INSTALLED),
                        Need.of("solo5", "0.7.5", "0.13.0").as(Need.Use.INSTALLED));
        return switch (target) {
            case UNIX, MACOSX -> List.of(Need.of("mirage-unix", "5.0.0", "6.0.0"));
            case XEN, QUBES -> with(solo5, Need.of("mirage-xen", "9.0.0", "10.0.0"));
            case HVT, SPT, VIRTIO, MUEN, GENODE ->
                    with(solo5, Need.of("mirage-solo5", "0.10.0", "0.11.0"));
            case UNIKRAFT_FIRECRACKER, UNIKRAFT_QEMU ->
                    List.of(
                            Need.of("ocaml-unikraft", "1.0.0", "2.0.0").as(Need.Use.INSTALLED),
                            Need.of("ocaml-unikraft-backend-" + backend(target))
                                    .as(Need.Use.INSTALLED),
                            Need.of("mirage-unikraft", "1.0.0", "2.0.0"));
        };
    }

    private static List<Need> with(List<Need> some, Need other) {
        var all = new ArrayList<>(some);
        all.add(other);
        return all;
    }

    /** Whose clocks a target has. */
    static String host(Target target) {
        return target.isUnix() ? "unix" : target.isUnikraft() ? "unikraft" : "solo5";
    }

    /** The kernel that Unikraft is built for. */
    static String backend(Target target) {
        return target == Target.UNIKRAFT_QEMU ? "qemu" : "firecracker";
    }

    /** The kind of binary that Solo5's linker is asked for. */
    static String abi(Target target) {
        return target.isXen() ? "xen" : target.toString();
    }

    /** The name of what is built. */
    static String product(String name, Target target) {
        return switch (target) {
            case UNIX, MACOSX -> name;
            case UNIKRAFT_FIRECRACKER -> name + ".fc";
            case UNIKRAFT_QEMU -> name + ".qemu";
            default -> name + "." + abi(target);
        };
    }

    static List<Artefact> files(Project project, Target target, List<Node> jobs) {
        var files = new ArrayList<Artefact>();
        if (!target.isUnix() && !target.isUnikraft()) {
            Manifest manifest = target.isXen() ? new Manifest(List.of()) : project.manifest(target);
            files.add(new Artefact("mirage/manifest.json", manifest.json()));
            files.add(new Artefact("mirage/manifest.ml", ""));
        }
        String base = "mirage/" + project.name();
        Attached all = Attached.of(jobs);
        if (target == Target.XEN) {
            files.add(new Artefact(base + ".xl", xl(project.name(), all, true)));
            files.add(new Artefact(base + ".xl.in", xl(project.name(), all, false)));
            files.add(
                    new Artefact(
                            base + "_libvirt.xml",
                            Domain4.xen(project.name(), all.networks(), all.blocks())));
        }
        if (target == Target.VIRTIO) {
            files.add(
                    new Artefact(
                            base + "_libvirt.xml",
                            Domain4.virtio(project.name(), all.networks(), all.blocks())));
        }
        return files;
    }

    /**
     * The file for Xen's xl.
     *
     * @param filled false: with names between @ for who fills it in
     */
    private static String xl(String name, Attached all, boolean filled) {
        var disks = new ArrayList<String>();
        for (String block : all.blocks()) {
            disks.add(
                    "'format=raw, vdev=xvd"
                            + letters(disks.size() + 1)
                            + ", access=rw, target="
                            + (filled ? block : "@BLOCK:" + block + "@")
                            + "'");
        }
        var vifs = new ArrayList<String>();
        for (String net : all.networks()) {
            vifs.add("'bridge=" + (filled ? "br" + vifs.size() : "@NETWORK:" + net + "@") + "'");
        }
        return "name = '"
                + (filled ? name : "@NAME@")
                + "'\nkernel = '"
                + (filled ? name + ".xen" : "@KERNEL@")
                + "'\ntype = 'pvh'\nmemory = "
                + (filled ? String.valueOf(XL_MEMORY_MIB) : "@MEMORY@")
                + "\non_crash = 'preserve'\n\ndisk = [ "
                + String.join(", ", disks)
                + " ]\n\n# With Open vSwitch, add script=vif-openvswitch before bridge=.\nvif = [ "
                + String.join(", ", vifs)
                + " ]\n";
    }

    /** The letters of the nth disk, from 0 on: a, b, … z, aa. */
    static String letters(int nth) {
        String last = String.valueOf((char) ('a' + nth % 26));
        return nth < 26 ? last : letters(nth / 26 - 1) + last;
    }
}
