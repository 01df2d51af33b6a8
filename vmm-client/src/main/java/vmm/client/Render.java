package vmm.client;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.stream.Collectors;
import vmm.core.Name;
import vmm.core.UnikernelInfo;
import vmm.wire.Success;

/** Replies as people read them. */
final class Render {
    private static final int DIGEST_CHARS = 12;

    private Render() {}

    static Table policies(Success.Policies list) {
        var table = new Table("PATH", ">UNIKERNELS", ">MEMORY", ">BLOCK", "CPUS", "BRIDGES");
        for (var entry : list.policies()) {
            var policy = entry.value();
            table.row(
                    entry.name().toString(),
                    Units.count(policy.unikernels()),
                    Units.memory(policy.memoryMiB()),
                    policy.blockMiB().isPresent()
                            ? Units.memory(policy.blockMiB().getAsLong())
                            : "none",
                    Units.cpus(policy.cpuids()),
                    Units.list(policy.bridges()));
        }
        return table;
    }

    static Table infos(Success.Info list, Instant now) {
        var table =
                new Table("NAME", "UP", ">MEMORY", "CPUS", "NETWORK", "BLOCK", "ON EXIT", "IMAGE");
        for (var entry : list.infos()) {
            UnikernelInfo info = entry.value();
            table.row(
                    entry.name().toString(),
                    up(info, now),
                    Units.memory(info.memoryMiB()),
                    Units.cpus(info.cpuids()),
                    Units.list(info.networks().stream().map(Render::net).toList()),
                    Units.list(info.blocks().stream().map(Render::block).toList()),
                    Units.fail(info.fail()),
                    Units.orDash(shortened(info.digest().hex())));
        }
        return table;
    }

    /** Everything about one unikernel, a line each. */
    static String info(Name name, UnikernelInfo info, Instant now) {
        var text = new StringBuilder();
        line(text, "name", name.toString());
        line(
                text,
                "started",
                info.started().map(s -> time(s) + " (up " + up(info, now) + ")").orElse("-"));
        line(text, "memory", Units.memory(info.memoryMiB()));
        line(text, "cpus", Units.cpus(info.cpuids()));
        line(text, "on exit", Units.fail(info.fail()));
        line(text, "startup", Long.toString(info.startup().orElse(50)));
        for (var net : info.networks()) {
            line(text, "network", net(net) + ", mac " + net.mac());
        }
        for (var block : info.blocks()) {
            line(
                    text,
                    "block",
                    block(block)
                            + ", "
                            + Units.memory(block.sizeMiB())
                            + ", sectors of "
                            + block.sectorSize());
        }
        line(text, "arguments", info.argv().map(Render::words).orElse("-"));
        line(text, "image", "sha256 " + info.digest().hex());
        return text.toString();
    }

    static Table blocks(Success.BlockDevices list) {
        var table = new Table("NAME", ">SIZE", "USED");
        for (var device : list.devices()) {
            table.row(
                    device.name().toString(),
                    Units.memory(device.sizeMiB()),
                    device.active() ? "yes" : "no");
        }
        return table;
    }

    static String time(Instant time) {
        return DateTimeFormatter.ISO_INSTANT.format(time.truncatedTo(ChronoUnit.MILLIS));
    }

    private static void line(StringBuilder text, String key, String value) {
        text.append(String.format("%-10s %s%n", key, Visible.text(value)));
    }

    private static String words(java.util.List<String> words) {
        return Units.orDash(
                words.stream()
                        .map(w -> w.contains(" ") ? "'" + w + "'" : w)
                        .collect(Collectors.joining(" ")));
    }

    private static String up(UnikernelInfo info, Instant now) {
        return info.started().map(s -> Units.since(Duration.between(s, now))).orElse("-");
    }

    private static String net(UnikernelInfo.Net net) {
        return pair(net.name(), net.hostDevice());
    }

    private static String block(UnikernelInfo.Block block) {
        return pair(block.name(), block.hostDevice());
    }

    private static String pair(String name, String device) {
        return name.equals(device) ? name : name + ":" + device;
    }

    private static String shortened(String digest) {
        return digest.substring(0, Math.min(DIGEST_CHARS, digest.length()));
    }
}
