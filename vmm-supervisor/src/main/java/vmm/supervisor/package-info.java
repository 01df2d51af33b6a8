/** Domains and processes behind the Supervisor contract. */
@NullMarked
package vmm.supervisor;

import org.jspecify.annotations.NullMarked;
