package vmm.stats.core;

import java.util.Optional;
import vmm.core.Name;
import vmm.core.Sample;

/**
 * A sample with its name, and what the wire has no place for.
 *
 * @param group empty where the process is in no control group of its domain
 * @param ageMillis since the process started, by a clock that nobody sets
 */
public record Reading(
        Watched watched,
        Sample sample,
        long residentBytes,
        Storage storage,
        Optional<Group> group,
        long ageMillis) {

    public Name name() {
        return watched.name();
    }

    /**
     * What the control group of the domain says.
     *
     * @param memoryLimitBytes {@link #UNLIMITED} where there is none
     * @param throttledMicros for how long it was held back
     * @param throttledPeriods in how many periods it was
     */
    public record Group(
            long memoryBytes, long memoryLimitBytes, long throttledMicros, long throttledPeriods) {
        public static final long UNLIMITED = Long.MAX_VALUE;
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
