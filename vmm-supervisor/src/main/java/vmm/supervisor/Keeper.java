package vmm.supervisor;

import vmm.wire.supervisor.DomainRecord;

/** Who writes down what a successor must know. */
interface Keeper {
    void keep(String domain, DomainRecord record);

    void forget(String domain);
}
