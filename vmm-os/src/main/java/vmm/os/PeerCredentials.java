package vmm.os;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import jdk.net.ExtendedSocketOptions;

/**
 * Who is at the other end of a Unix socket, as the kernel saw it when the connection was made.
 *
 * @param user the name of the user, or its number where it has none
 */
public record PeerCredentials(long uid, long gid, String user) {
    /** Somebody at the other end of a socket that is no Unix socket. */
    public static final PeerCredentials UNKNOWN = new PeerCredentials(-1, -1, "unknown");

    public static PeerCredentials of(SocketChannel channel) throws IOException {
        var peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
        String user = peer.user().getName();
        String group = peer.group().getName();
        return new PeerCredentials(Users.uid(user), Users.gid(group), user);
    }
}
