package vmm.wire.supervisor;

import java.util.List;

/** Something a domain finds in its file system. */
public sealed interface Mount {
    /**
     * @param chowner uid and gid, or empty
     * @param chmode permission bits, 0 when absent
     */
    record Drive(
            String source,
            String destination,
            String fsType,
            List<String> options,
            List<Long> chowner,
            long chmode)
            implements Mount {
        public Drive {
            options = List.copyOf(options);
            chowner = List.copyOf(chowner);
        }
    }

    record Bind(String source, String destination, List<String> options) implements Mount {
        public Bind {
            options = List.copyOf(options);
        }
    }

    /** Writes a mount as one object with its type first. */
    static void write(Mount mount, JsonWriter to) {
        to.object();
        switch (mount) {
            case Drive(
                            var source,
                            var destination,
                            var fsType,
                            var options,
                            var owner,
                            var mode) -> {
                to.name("type").text("drive");
                to.textUnlessEmpty("source", source).textUnlessEmpty("destination", destination);
                to.textUnlessEmpty("fs_type", fsType).textsUnlessEmpty("options", options);
                if (!owner.isEmpty()) {
                    to.name("chowner").numbers(owner);
                }
                if (mode != 0) {
                    to.name("chmode").number(mode);
                }
            }
            case Bind(var source, var destination, var options) -> {
                to.name("type").text("bind");
                to.textUnlessEmpty("source", source).textUnlessEmpty("destination", destination);
                to.textsUnlessEmpty("options", options);
            }
        }
        to.endObject();
    }

    static Mount read(Fields from) throws JsonException {
        String type = from.text("type").orElse("drive");
        return switch (type) {
            case "drive" ->
                    new Drive(
                            from.textOrEmpty("source"),
                            from.textOrEmpty("destination"),
                            from.textOrEmpty("fs_type"),
                            from.texts("options"),
                            from.counts("chowner"),
                            from.count("chmode").orElse(0));
            case "bind" ->
                    new Bind(
                            from.textOrEmpty("source"),
                            from.textOrEmpty("destination"),
                            from.texts("options"));
            default -> throw new JsonException("unknown type of mount: " + type);
        };
    }
}
