package vmm.core;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What to do when a unikernel exits. {@code CHOICE { quit [0] NULL, restart [1] SET OF INTEGER }}
 */
public sealed interface FailBehaviour {
    /** It stays down. */
    record Quit() implements FailBehaviour {}

    /**
     * It is started again.
     *
     * @param exitCodes for these exit codes only; empty: for every code that is not final
     */
    record Restart(SortedSet<Long> exitCodes) implements FailBehaviour {
        public Restart {
            exitCodes = Collections.unmodifiableSortedSet(new TreeSet<>(exitCodes));
        }
    }

    FailBehaviour QUIT = new Quit();
    FailBehaviour RESTART = new Restart(Collections.emptySortedSet());
}
