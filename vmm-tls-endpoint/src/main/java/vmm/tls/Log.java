package vmm.tls;

import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * What the endpoint logs to. Log4j takes a fifth of the start of a process: it is loaded with the
 * first line, and under inetd most processes write none.
 */
final class Log {
    static final Logger LOG = LogManager.getLogger("vmm.tls");

    private Log() {}
}
