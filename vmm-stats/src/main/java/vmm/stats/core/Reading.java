package vmm.stats.core;

import vmm.core.Name;
import vmm.core.Sample;

/**
 * A sample with its name, and what the wire has no place for.
 *
 * @param ageMillis since the process started, by a clock that nobody sets
 */
public record Reading(
        Watched watched, Sample sample, long residentBytes, Storage storage, long ageMillis) {

    public Name name() {
        return watched.name();
    }

    /**
     * Bytes since the start of the process.
     *
     * @param readBytes from disks
     * @param writtenBytes to disks, counted when pages are dirtied
     * @param inBytes of all reading system calls
     * @param outBytes of all writing system calls
     */
    public record Storage(long readBytes, long writtenBytes, long inBytes, long outBytes) {
        public static final Storage NONE = new Storage(0, 0, 0, 0);
    }
}
