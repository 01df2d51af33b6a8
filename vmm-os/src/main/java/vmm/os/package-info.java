/** The kernel, called from Java: spawn, wait, affinity, taps, credentials. */
@NullMarked
package vmm.os;

import org.jspecify.annotations.NullMarked;
