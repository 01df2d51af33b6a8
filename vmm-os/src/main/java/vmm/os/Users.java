package vmm.os;

import java.util.OptionalLong;
import jnr.posix.Group;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.Passwd;

/** The system's users and groups. */
public final class Users {
    private Users() {}

    /** JNR takes a while to load, and root needs no look-up. */
    private static final class Holder {
        static final POSIX LIBC = POSIXFactory.getNativePOSIX();
    }

    public static OptionalLong find(String user) {
        if (user.equals("root")) {
            return OptionalLong.of(0);
        }
        Passwd found = Holder.LIBC.getpwnam(user);
        return found == null ? OptionalLong.empty() : OptionalLong.of(found.getUID());
    }

    /** The number of a user, which may be given as a number. */
    static long uid(String user) {
        return isNumber(user) ? Long.parseLong(user) : find(user).orElse(-1);
    }

    static long gid(String group) {
        if (isNumber(group)) {
            return Long.parseLong(group);
        }
        if (group.equals("root")) {
            return 0;
        }
        Group found = Holder.LIBC.getgrnam(group);
        return found == null ? -1 : found.getGID();
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty()
                && text.length() <= 10
                && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
