package vmm.config;

import java.util.Collection;

/** The domain that libvirt is given for a unikernel of release 4, with all its devices. */
final class Domain4 {
    private static final int MEMORY_KIB = 262_144;

    private final StringBuilder out = new StringBuilder();

    private Domain4() {}

    static String xen(String name, Collection<String> networks, Collection<String> blocks) {
        var domain = new Domain4();
        domain.begin("xen", name, "<type arch='x86_64' machine='xenpvh'>xenpvh</type>", "xen");
        domain.line("    <on_crash>preserve</on_crash>");
        domain.line("    <devices>");
        domain.disks(blocks, "xvd", 1, "xen");
        domain.interfaces(networks, "");
        domain.line("        <console type='pty'>");
        domain.line("            <target type='xen' port='0'/>");
        domain.line("        </console>");
        return domain.end();
    }

    static String virtio(String name, Collection<String> networks, Collection<String> blocks) {
        var domain = new Domain4();
        domain.begin("kvm", name, "<type arch='x86_64' machine='pc'>hvm</type>", "virtio");
        domain.line("    <devices>");
        domain.line("        <emulator>/usr/bin/qemu-system-x86_64</emulator>");
        domain.disks(blocks, "vd", 0, "virtio");
        domain.interfaces(networks, "            <model type='virtio'/>\n");
        domain.line("        <console type='pty'>");
        domain.line("            <target type='serial' port='0'/>");
        domain.line("        </console>");
        domain.line("        <memballoon model='none'/>");
        return domain.end();
    }

    private void line(String text) {
        out.append(text).append('\n');
    }

    private void begin(String type, String name, String system, String ending) {
        line("<domain type='" + type + "'>");
        line("    <name>" + escaped(name) + "</name>");
        line("    <memory unit='KiB'>" + MEMORY_KIB + "</memory>");
        line("    <currentMemory unit='KiB'>" + MEMORY_KIB + "</currentMemory>");
        line("    <vcpu placement='static'>1</vcpu>");
        line("    <os>");
        line("        " + system);
        line("        <kernel>" + escaped(name) + "." + ending + "</kernel>");
        line("        <cmdline> </cmdline>");
        line("    </os>");
        line("    <clock offset='utc' adjustment='reset'/>");
    }

    /** The disks; {@code first} is the place of the first one among all of the bus. */
    private void disks(Collection<String> blocks, String prefix, int first, String bus) {
        int nth = first;
        for (String block : blocks) {
            line("        <disk type='file' device='disk'>");
            line("            <driver name='qemu' type='raw'/>");
            line("            <source file='" + escaped(block) + "'/>");
            line(
                    "            <target dev='"
                            + prefix
                            + Target4.letters(nth++)
                            + "' bus='"
                            + bus
                            + "'/>");
            line("        </disk>");
        }
    }

    private void interfaces(Collection<String> networks, String model) {
        int nth = 0;
        for (String network : networks) {
            line("        <!-- " + escaped(network).replace("--", "- -") + " -->");
            line("        <interface type='bridge'>");
            line("            <source bridge='br" + nth++ + "'/>");
            out.append(model);
            line("        </interface>");
        }
    }

    private String end() {
        line("    </devices>");
        line("</domain>");
        return out.toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&apos;");
    }
}
