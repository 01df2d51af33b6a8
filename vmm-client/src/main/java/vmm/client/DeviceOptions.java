package vmm.client;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import vmm.core.Arguments;
import vmm.core.BlockDevice;
import vmm.core.FailBehaviour;
import vmm.core.NetDevice;

/** What a unikernel is started with, but its image: the options of create and restart. */
final class DeviceOptions {
    private static final long EXIT_CODE_MAX = 255;

    @Option(names = "--mem", description = "memory in MB (default: 32)")
    long memory = 32;

    @Option(names = "--cpu", description = "CPU id to run on, may be repeated (default: 0)")
    List<Long> cpuids = new ArrayList<>();

    @Option(
            names = "--net",
            paramLabel = "[name:]bridge[@mac]",
            converter = Spelling.OfNet.class,
            description = "network device, may be repeated")
    List<NetDevice> networks = new ArrayList<>();

    @Option(
            names = "--block",
            paramLabel = "name[:device][@sector-size]",
            converter = Spelling.OfBlock.class,
            description = "block device, may be repeated")
    List<BlockDevice> blocks = new ArrayList<>();

    @Option(
            names = "--arg",
            paramLabel = "TEXT",
            description = "argument of the unikernel, may be repeated")
    List<String> arguments = new ArrayList<>();

    @Option(
            names = {"--restart-on-fail", "--restart"},
            description = "start it again when it exits")
    boolean restartOnFail;

    @Option(
            names = "--exit-code",
            paramLabel = "N",
            description = "start it again on this code alone, may be repeated")
    List<Long> exitCodes = new ArrayList<>();

    @Option(
            names = "--startup",
            paramLabel = "N",
            description = "place in the order of start, low first (default: 50)")
    @Nullable Long startup;

    @Option(names = "--no-add-name", description = "do not add --name=NAME to its arguments")
    boolean noAddName;

    @Option(names = "--cpus", paramLabel = "N", description = "how many CPUs it sees (default: 1)")
    long cpus = 1;

    @Option(
            names = "--linux-boot",
            paramLabel = "PARTITION",
            description = "boot partition of a Linux system (bhyve)")
    @Nullable String linuxBoot;

    Arguments toArguments() throws ClientFailure {
        check();
        FailBehaviour fail =
                restartOnFail
                        ? new FailBehaviour.Restart(new TreeSet<>(exitCodes))
                        : FailBehaviour.QUIT;
        return new Arguments(
                fail,
                startup == null ? OptionalLong.empty() : OptionalLong.of(startup),
                !noAddName,
                new TreeSet<>(cpuids.isEmpty() ? List.of(0L) : cpuids),
                memory,
                blocks,
                networks,
                arguments.isEmpty() ? Optional.empty() : Optional.of(arguments),
                cpus,
                Optional.ofNullable(linuxBoot));
    }

    private void check() throws ClientFailure {
        unique("--net", networks.stream().map(NetDevice::name).toList());
        unique("--block", blocks.stream().map(BlockDevice::name).toList());
        for (long code : exitCodes) {
            if (code < 0 || code > EXIT_CODE_MAX) {
                throw ClientFailure.usage("--exit-code " + code + ": exit codes are 0 to 255");
            }
        }
        if (!exitCodes.isEmpty() && !restartOnFail) {
            throw ClientFailure.usage("--exit-code has no effect without --restart-on-fail");
        }
        if (memory <= 0) {
            throw ClientFailure.usage("--mem " + memory + ": a unikernel needs memory");
        }
    }

    private static void unique(String option, List<String> names) throws ClientFailure {
        var seen = new HashSet<String>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw ClientFailure.usage(option + " names " + name + " twice");
            }
        }
    }
}
