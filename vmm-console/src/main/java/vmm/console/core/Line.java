package vmm.console.core;

import java.time.Instant;

/**
 * One line of a console.
 *
 * @param time when it was read
 */
public record Line(Instant time, String text) {}
