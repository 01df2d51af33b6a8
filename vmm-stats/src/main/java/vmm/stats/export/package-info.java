/** Prometheus and Influx. */
@NullMarked
package vmm.stats.export;

import org.jspecify.annotations.NullMarked;
