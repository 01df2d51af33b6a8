/** Samples of processes and taps on Linux. */
@NullMarked
package vmm.stats.linux;

import org.jspecify.annotations.NullMarked;
