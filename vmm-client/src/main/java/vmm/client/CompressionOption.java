package vmm.client;

import picocli.CommandLine.Option;

/** How hard a transfer is compressed. */
final class CompressionOption {
    @Option(
            names = "--compression-level",
            paramLabel = "0-9",
            description = "of the transfer (default: 0)")
    int level;

    int level() throws ClientFailure {
        if (level < 0 || level > 9) {
            throw ClientFailure.usage("--compression-level " + level + ": levels are 0 to 9");
        }
        return level;
    }
}
