package vmm.core.image;

/**
 * A part of the file that a tender loads, and the pages it takes.
 *
 * @param fileOffset first byte in the file
 * @param fileBytes at least 1; segments without bytes in the file are not loaded
 * @param address where the bytes go in the guest's memory
 * @param memoryBytes at least {@code fileBytes}; the rest is zero
 * @param start first byte of the pages, a multiple of 4096
 * @param end byte after the pages, a multiple of 4096
 */
public record Segment(
        long fileOffset,
        long fileBytes,
        long address,
        long memoryBytes,
        long start,
        long end,
        boolean writable,
        boolean executable) {}
