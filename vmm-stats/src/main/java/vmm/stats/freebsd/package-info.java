/** Samples on FreeBSD. Tried with recorded bytes only, never on a running FreeBSD. */
@NullMarked
package vmm.stats.freebsd;

import org.jspecify.annotations.NullMarked;
