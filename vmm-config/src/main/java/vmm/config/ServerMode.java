package vmm.config;

import java.util.List;

/** Where an HTTP server listens. */
public sealed interface ServerMode {
    int PORT_MAX = 65535;

    record Tcp(int port) implements ServerMode {
        public Tcp {
            if (port < 0 || port > PORT_MAX) {
                throw new ConfigException("port " + port + ": ports are 0 to " + PORT_MAX);
            }
        }
    }

    /** Generation refuses it, as the original does. */
    record Vchan(List<String> names) implements ServerMode {
        public Vchan {
            names = List.copyOf(names);
        }
    }
}
