package vmm.wire;

/**
 * The forms that releases gave to one and the same thing; a reply takes the form of its command.
 */
public final class Form {
    private Form() {}

    /** {@code info-1 … info} and the Success that answers each. */
    public enum Info {
        V1(0, 3),
        V2(7, 5),
        V3(13, 8),
        V4(15, 9),
        V5(18, 11),
        V6(19, 13);

        private final int commandTag;
        private final int successTag;

        Info(int commandTag, int successTag) {
            this.commandTag = commandTag;
            this.successTag = successTag;
        }

        public int commandTag() {
            return commandTag;
        }

        public int successTag() {
            return successTag;
        }
    }

    /** {@code ConfigV1 … ConfigV5} and the tags of create and force-create that carry each. */
    public enum Config {
        V1(1, 2),
        V2(4, 5),
        V3(9, 10),
        V4(16, 17),
        V5(20, 21);

        private final int createTag;
        private final int forceCreateTag;

        Config(int createTag, int forceCreateTag) {
            this.createTag = createTag;
            this.forceCreateTag = forceCreateTag;
        }

        public int createTag() {
            return createTag;
        }

        public int forceCreateTag() {
            return forceCreateTag;
        }
    }

    /** {@code State}: the state files that were ever written, and the config that each holds. */
    public enum State {
        /** Before 1.0. */
        V1(0, Config.V1, false),
        /** 1.0. */
        V2(2, Config.V2, false),
        /** 1.1 to 2.1. */
        V3(3, Config.V3, false),
        /** 2.2 to 2.5; the first one with policies. */
        V4(4, Config.V3, true),
        /** 2.6. */
        V5(5, Config.V4, true),
        /** Since 2.7. */
        V6(6, Config.V5, true);

        private final int tag;
        private final Config config;
        private final boolean policies;

        State(int tag, Config config, boolean policies) {
            this.tag = tag;
            this.config = config;
            this.policies = policies;
        }

        public int tag() {
            return tag;
        }

        public Config config() {
            return config;
        }

        public boolean hasPolicies() {
            return policies;
        }
    }

    /** {@code get-1} answers with Success [3], {@code get-2} and {@code get} with [6]. */
    public enum Get {
        V1,
        V2,
        V3
    }

    /** {@code restart-1} [12], and [14] with {@code ArgumentsV0 … V2} if it has any. */
    public enum Restart {
        V1,
        V2_ARGUMENTS_V0,
        V2_ARGUMENTS_V1,
        V2_ARGUMENTS_V2
    }
}
