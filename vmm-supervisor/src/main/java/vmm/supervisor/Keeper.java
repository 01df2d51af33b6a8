package vmm.supervisor;

import vmm.wire.supervisor.DomainRecord;

/** Who writes down what a successor must know. */
interface Keeper {
    void keep(String domain, DomainRecord record);

    /**
     * A process of a domain was begun, has ended, or its end was told.
     *
     * @return false if the whole domain must be kept instead
     */
    boolean keep(String domain, DomainRecord.Process process);

    void forget(String domain);
}
