package vmm.core;

import java.time.Duration;

/** Whether a unikernel that ended is started again, and when (BEHAVIOUR 6, Exit). */
public final class RestartRule {
    /** The argument {@code --name} was not understood: it is started again without it. */
    public static final int ADD_NAME_REFUSED = 64;

    public static final Duration BACK_OFF_MIN = Duration.ofMillis(100);
    public static final Duration BACK_OFF_MAX = Duration.ofSeconds(60);

    /** Who has run this long starts over with the shortest wait. */
    public static final Duration STEADY = Duration.ofSeconds(60);

    private static final int SOLO5_FAILED = 1;
    private static final int FINAL_FROM = 60;
    private static final int FINAL_TO = 64;

    /** What follows an exit. */
    public enum Verdict {
        STAY_DOWN,
        START_AGAIN,
        START_WITHOUT_NAME
    }

    private RestartRule() {}

    /**
     * What follows the exit {@code how} of a unikernel.
     *
     * @param gaveName whether this start gave it {@code --name}
     */
    public static Verdict verdict(ExitStatus how, FailBehaviour behaviour, boolean gaveName) {
        return switch (how) {
            case ExitStatus.Signalled(_), ExitStatus.OutOfMemory(), ExitStatus.Unknown() ->
                    Verdict.STAY_DOWN;
            case ExitStatus.Exited(int code) when code == ADD_NAME_REFUSED && gaveName ->
                    Verdict.START_WITHOUT_NAME;
            case ExitStatus.Exited(int code) when isFinal(code) -> Verdict.STAY_DOWN;
            case ExitStatus.Exited(int code) ->
                    switch (behaviour) {
                        case FailBehaviour.Quit() -> Verdict.STAY_DOWN;
                        case FailBehaviour.Restart(var codes) ->
                                codes.isEmpty() || codes.contains((long) code)
                                        ? Verdict.START_AGAIN
                                        : Verdict.STAY_DOWN;
                    };
        };
    }

    private static boolean isFinal(int code) {
        return code == SOLO5_FAILED || (code >= FINAL_FROM && code <= FINAL_TO);
    }

    /**
     * How long to wait before the next start.
     *
     * @param failures how many exits came one after another, from 1
     */
    public static Duration backOff(int failures) {
        int doublings = Math.min(Math.max(failures - 1, 0), 30);
        Duration wait = BACK_OFF_MIN.multipliedBy(1L << doublings);
        return wait.compareTo(BACK_OFF_MAX) > 0 ? BACK_OFF_MAX : wait;
    }
}
