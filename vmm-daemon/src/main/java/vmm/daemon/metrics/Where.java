package vmm.daemon.metrics;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where metrics are told. The value of {@code --metrics-listen} is a list of these. */
public sealed interface Where {
    /** A Unix socket: who may enter its folder and open it may read. */
    record Socket(Path path) implements Where {}

    /**
     * @param port 0 for any that is free
     */
    record Port(String host, int port) implements Where {
        InetSocketAddress address() {
            return new InetSocketAddress(host, port);
        }

        /** True if nobody beyond this machine can reach it. */
        boolean isLoopback() {
            InetAddress at = address().getAddress();
            return at != null && at.isLoopbackAddress();
        }
    }

    /** How long the value of the option may be. */
    int VALUE_CHARS_MAX = 4096;

    /** Says why {@code text} is no list of places, or is empty if it is one. */
    static Optional<String> problem(String text) {
        if (text.length() > VALUE_CHARS_MAX) {
            return Optional.of("the list is longer than " + VALUE_CHARS_MAX + " characters");
        }
        for (String part : text.split(",", -1)) {
            if (!isNone(part) && !part.startsWith("/") && parsedPort(part) < 0) {
                return Optional.of(
                        "'" + part + "' is neither HOST:PORT, nor the path of a socket, nor none");
            }
        }
        return Optional.empty();
    }

    /** The places that {@code text} lists, divided by commas; {@code none} is none. */
    static List<Where> parse(String text) {
        problem(text)
                .ifPresent(
                        why -> {
                            throw new IllegalArgumentException(why);
                        });
        var places = new ArrayList<Where>();
        for (String part : text.split(",", -1)) {
            if (part.startsWith("/")) {
                places.add(new Socket(Path.of(part)));
            } else if (!isNone(part)) {
                String host = part.substring(0, part.lastIndexOf(':'));
                places.add(new Port(withoutBrackets(host), parsedPort(part)));
            }
        }
        return List.copyOf(places);
    }

    private static boolean isNone(String part) {
        return part.equals("none");
    }

    private static int parsedPort(String part) {
        int colon = part.lastIndexOf(':');
        String digits = part.substring(colon + 1);
        if (colon < 1 || digits.isEmpty() || digits.length() > 5) {
            return -1;
        }
        int port = 0;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            port = (port * 10) + (c - '0');
        }
        return port > 65_535 ? -1 : port;
    }

    private static String withoutBrackets(String host) {
        return host.startsWith("[") && host.endsWith("]")
                ? host.substring(1, host.length() - 1)
                : host;
    }
}
