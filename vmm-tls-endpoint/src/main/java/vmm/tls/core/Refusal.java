package vmm.tls.core;

import vmm.core.Path;

/** Why a chain that is valid is not obeyed: the table of what may not be asked from outside. */
public sealed interface Refusal {
    /** The wire text. */
    String message();

    /** A word for the metrics. */
    String cause();

    record ChainTooLong(int certificates) implements Refusal {
        @Override
        public String message() {
            return "certificate chain too long: "
                    + certificates
                    + " certificates, fewer than "
                    + Admission.CHAIN_CERTIFICATES_MAX
                    + " are allowed";
        }

        @Override
        public String cause() {
            return "chain_too_long";
        }
    }

    record NoCommand() implements Refusal {
        @Override
        public String message() {
            return "leaf certificate does not contain an albatross extension";
        }

        @Override
        public String cause() {
            return "no_command";
        }
    }

    record Malformed(String where, int offset, String why) implements Refusal {
        @Override
        public String message() {
            return "couldn't parse albatross extension of "
                    + where
                    + " at byte "
                    + offset
                    + ": "
                    + why;
        }

        @Override
        public String cause() {
            return "malformed_extension";
        }
    }

    record NoPolicy(String where) implements Refusal {
        @Override
        public String message() {
            return "unexpected command in the intermediate certificate of "
                    + where
                    + ": only a policy may stand there";
        }

        @Override
        public String cause() {
            return "no_policy";
        }
    }

    record BadName(String why) implements Refusal {
        @Override
        public String message() {
            return "bad name in a certificate: " + why;
        }

        @Override
        public String cause() {
            return "bad_name";
        }
    }

    record PolicyGrows(Path path, String why) implements Refusal {
        @Override
        public String message() {
            return "policy of " + path + " in its certificate is not allowed: " + why;
        }

        @Override
        public String cause() {
            return "policy_grows";
        }
    }

    record NotFromOutside(String command) implements Refusal {
        @Override
        public String message() {
            return "unexpected command: " + command + " is not allowed from outside";
        }

        @Override
        public String cause() {
            return "not_from_outside";
        }
    }
}
