package vmm.vmmd.core;

import vmm.wire.Header;

/**
 * Whom to answer.
 *
 * @param id of the connection
 * @param header of the command, which the reply repeats
 */
public record Client(long id, Header header) {}
