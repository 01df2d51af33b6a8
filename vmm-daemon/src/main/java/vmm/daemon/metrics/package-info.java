/** A daemon's own metrics, and the HTTP endpoint that tells them. */
@NullMarked
package vmm.daemon.metrics;

import org.jspecify.annotations.NullMarked;
