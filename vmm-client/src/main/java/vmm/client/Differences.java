package vmm.client;

import java.util.ArrayList;
import java.util.List;

/** What is other than it shall be, in words. */
final class Differences {
    private final List<String> found = new ArrayList<>();

    /** Notes {@code what} if it differs; without words for both it is only named. */
    void add(String what, String is, String shall) {
        if (!is.equals(shall)) {
            found.add(shall.isEmpty() ? what : what + " " + is + " -> " + shall);
        }
    }

    List<String> found() {
        return List.copyOf(found);
    }
}
