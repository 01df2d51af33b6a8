package vmm.client;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import vmm.core.Arguments;
import vmm.core.BlockDevice;
import vmm.core.Bytes;
import vmm.core.MacAddress;
import vmm.core.Name;
import vmm.core.NetDevice;
import vmm.core.UnikernelInfo;

/** A unikernel that runs, and what it would be created with again. */
record Running(Name name, UnikernelInfo info) {
    /** What it runs with; that its name is no argument is not told, so it is one. */
    Arguments arguments() {
        return new Arguments(
                info.fail(),
                info.startup(),
                true,
                info.cpuids(),
                info.memoryMiB(),
                info.blocks().stream()
                        .map(b -> new BlockDevice(b.name(), b.device(), b.sector()))
                        .toList(),
                info.networks().stream()
                        .map(n -> new NetDevice(n.name(), n.bridge(), n.given()))
                        .toList(),
                info.argv(),
                info.cpus(),
                info.linuxBootPartition());
    }

    /** The same with every default written out, but for addresses that come from the name. */
    static Arguments normal(Name name, Arguments with) {
        return new Arguments(
                with.fail(),
                OptionalLong.of(with.startupOrDefault()),
                true,
                with.cpuids(),
                with.memoryMiB(),
                with.blocks().stream().map(Running::block).toList(),
                with.networks().stream().map(net -> net(name, net)).toList(),
                Optional.of(with.argvOrEmpty()),
                with.cpus(),
                with.linuxBootPartition());
    }

    private static BlockDevice block(BlockDevice block) {
        return new BlockDevice(
                block.name(),
                Optional.of(block.hostDevice()),
                OptionalLong.of(block.sectorSize().orElse(BlockDevice.SECTOR_BYTES_DEFAULT)));
    }

    /** An address that is derived from its name stays derived. */
    private static NetDevice net(Name name, NetDevice net) {
        var mac = net.mac().filter(given -> !given.equals(MacAddress.derived(net.name(), name)));
        return new NetDevice(net.name(), Optional.of(net.hostBridge()), mac);
    }

    static Bytes digest(Bytes image) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(image.asBuffer());
            return Bytes.of(digest.digest());
        } catch (NoSuchAlgorithmException missing) {
            throw new AssertionError("every JDK has SHA-256", missing);
        }
    }

    /** In what it differs from what is wished, in words; empty if in nothing. */
    List<String> differences(Bytes image, Arguments wished) {
        var is = normal(name, arguments());
        var to = normal(name, wished);
        var words = new Differences();
        words.add("image", info.digest().equals(digest(image)) ? "" : "new", "");
        words.add("memory", Units.memory(is.memoryMiB()), Units.memory(to.memoryMiB()));
        words.add("cpus", Units.cpus(is.cpuids()), Units.cpus(to.cpuids()));
        words.add("net", list(is.networks(), Configs::net), list(to.networks(), Configs::net));
        words.add("block", list(is.blocks(), Configs::block), list(to.blocks(), Configs::block));
        words.add(
                "args",
                list(is.argvOrEmpty(), Configs::word),
                list(to.argvOrEmpty(), Configs::word));
        words.add("on exit", Units.fail(is.fail()), Units.fail(to.fail()));
        words.add("startup", "" + is.startupOrDefault(), "" + to.startupOrDefault());
        return words.found();
    }

    private static <T> String list(List<T> items, java.util.function.Function<T, String> word) {
        return Units.orDash(String.join(" ", items.stream().map(word).toList()));
    }
}
