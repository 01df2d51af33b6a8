package vmm.wire;

import vmm.core.Name;

/**
 * Who is meant, and which command a reply belongs to. {@code Header ::= SEQUENCE { version INTEGER
 * (3 | 4 | 5), sequence Int64, name Name }}
 *
 * @param sequence the reply repeats the number of its command
 */
public record Header(Version version, long sequence, Name name) {
    /** How names are written: AV3 and AV4 as a list of labels, AV5 as one string. */
    public enum Version {
        AV3(3),
        AV4(4),
        AV5(5);

        private final int number;

        Version(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }
    }

    public static Header of(Name name) {
        return new Header(Version.AV5, 0, name);
    }

    public Header withName(Name newName) {
        return new Header(version, sequence, newName);
    }
}
