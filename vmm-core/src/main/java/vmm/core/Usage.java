package vmm.core;

/**
 * What is used at and below a place of the resource tree, in sum.
 *
 * @param unikernels how many run or are about to
 * @param memoryMiB their memory
 * @param blockMiB all block devices, used or not
 */
public record Usage(long unikernels, long memoryMiB, long blockMiB) {
    public static final Usage NONE = new Usage(0, 0, 0);

    public Usage plus(Usage other) {
        return new Usage(
                saturated(unikernels, other.unikernels),
                saturated(memoryMiB, other.memoryMiB),
                saturated(blockMiB, other.blockMiB));
    }

    public Usage minus(Usage other) {
        return new Usage(
                unikernels - other.unikernels,
                memoryMiB - other.memoryMiB,
                blockMiB - other.blockMiB);
    }

    /** The sum, or the largest long: a size from the wire must not wrap a limit. */
    static long saturated(long a, long b) {
        long sum = a + b;
        boolean wrapped = ((a ^ sum) & (b ^ sum)) < 0;
        return wrapped ? (a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : sum;
    }
}
