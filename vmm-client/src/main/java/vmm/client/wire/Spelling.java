package vmm.client.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import vmm.core.Name;

/**
 * Names as they stand in a message, for releases that kept upper case: what is decoded to a {@link
 * Name} is lower case. Names are met in the order of the message, and so are its texts.
 */
final class Spelling {
    private static final int UTF8 = 0x0c;
    private static final int CONSTRUCTED = 0x20;

    /** One text of the message: where its bytes are. */
    private record Place(int from, int length) {}

    private final byte[] der;
    private final List<Place> places = new ArrayList<>();
    private int next;

    /**
     * @param der well-formed, as what was decoded or encoded is
     */
    Spelling(byte[] der) {
        this.der = der;
        find(0, der.length);
    }

    private void find(int from, int end) {
        int at = from;
        while (at < end) {
            int tag = der[at];
            int length = der[at + 1];
            at += 2;
            if (length < 0) {
                int octets = length & 0x7f;
                length = 0;
                for (int i = 0; i < octets; i++) {
                    length = (length << 8) | (der[at + i] & 0xff);
                }
                at += octets;
            }
            if (tag == UTF8) {
                places.add(new Place(at, length));
            } else if ((tag & CONSTRUCTED) != 0) {
                find(at, at + length);
            }
            at += length;
        }
    }

    private String text(Place place) {
        return new String(der, place.from, place.length, StandardCharsets.UTF_8);
    }

    /** The next name of the message, which is {@code name} but for its case. */
    String of(Name name) {
        String canonical = name.toString();
        for (int i = next; i < places.size(); i++) {
            String text = text(places.get(i));
            if (Name.problem(text).isEmpty() && Name.parse(text).equals(name)) {
                next = i + 1;
                int longer = text.length() - canonical.length();
                return longer >= 0 ? text.substring(longer) : ":" + text;
            }
        }
        return canonical;
    }

    /** Writes the next name, which was encoded in lower case, as it is spelled. */
    void restore(String spelled) {
        String lower = spelled.toLowerCase(Locale.ROOT);
        if (lower.equals(spelled)) {
            return;
        }
        for (int i = next; i < places.size(); i++) {
            Place place = places.get(i);
            if (text(place).equals(lower)) {
                byte[] bytes = spelled.getBytes(StandardCharsets.UTF_8);
                System.arraycopy(bytes, 0, der, place.from, place.length);
                next = i + 1;
                return;
            }
        }
    }
}
