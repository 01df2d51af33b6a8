package vmm.wire.channel;

import java.io.IOException;

/** The peer sent no frame: a length that is not allowed, or an end in the middle. */
public final class FrameException extends IOException {
    private static final long serialVersionUID = 1;

    public FrameException(String why) {
        super(why);
    }
}
