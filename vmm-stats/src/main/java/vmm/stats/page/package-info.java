/** The read-only web page. */
@NullMarked
package vmm.stats.page;

import org.jspecify.annotations.NullMarked;
