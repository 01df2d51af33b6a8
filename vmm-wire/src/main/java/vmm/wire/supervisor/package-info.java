/** The Supervisor contract: its requests, answers and events, and their JSON to the byte. */
@NullMarked
package vmm.wire.supervisor;

import org.jspecify.annotations.NullMarked;
