/** The program vmm-stats. */
@NullMarked
package vmm.stats;

import org.jspecify.annotations.NullMarked;
