package vmm.config;

import java.time.Instant;
import java.util.List;

/** What generation asks of the machine that it runs on. */
public interface Surroundings {
    /** The folder of the project, absolute. */
    String root();

    /** The time in headers; never the clock's where {@code SOURCE_DATE_EPOCH} is set. */
    Instant time();

    boolean exists(String path);

    /** Whether a program is on the PATH. */
    boolean hasProgram(String name);

    /** The processor, as {@code uname -m} says. */
    String machine();

    /** Whether findlib has a library. */
    boolean hasLibrary(String name);

    /** True if one of {@code libraries} needs nocrypto, itself or through others. */
    boolean needNocrypto(List<String> libraries);

    /**
     * What the linker is told for Xen because of {@code libraries}, a line each; where nobody
     * knows, make asks in its turn.
     */
    List<String> xenLinkLines(List<String> libraries);
}
