/** What is watched and who listens: no clock, no thread, no input or output. */
@NullMarked
package vmm.stats.core;

import org.jspecify.annotations.NullMarked;
