package vmm.core.image;

import java.util.List;
import java.util.Optional;

/**
 * What a Solo5 image says of itself.
 *
 * @param devices in the manifest's order: the handle of a device is its index here plus 1
 * @param segments in ascending order, without overlap; none for targets that no tender loads
 * @param entry guest address of the first instruction
 */
public record SoloImage(
        Target target, long abiVersion, List<Device> devices, List<Segment> segments, long entry) {
    /** The lowest address that an image may use. */
    public static final long ADDRESS_MIN = 0x100000;

    public SoloImage {
        devices = List.copyOf(devices);
        segments = List.copyOf(segments);
    }

    /** The byte after all segments; {@code .bss} of its own is not counted (SOLO5 1.3). */
    public long end() {
        return segments.isEmpty() ? ADDRESS_MIN : segments.getLast().end();
    }

    /** Says why the image cannot be loaded into so much memory, or is empty if it can. */
    public Optional<String> problem(long memoryBytes) {
        if (end() > memoryBytes) {
            return Optional.of("the image needs " + end() + " bytes of memory");
        }
        return entry >= memoryBytes
                ? Optional.of("the entry point is beyond the memory")
                : Optional.empty();
    }
}
