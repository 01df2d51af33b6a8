package vmm.tender;

import java.nio.ByteBuffer;
import vmm.core.Bytes;

/** The host's tap behind a network device of the guest. */
final class Tap {
    private static final int NAME_CHARS_MAX = 15;
    private static final int REQUEST_BYTES = 40;
    private static final long TUNSETIFF = 0x400454caL;
    private static final int IFF_TAP_WITHOUT_HEADER = 0x1002;
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCGIFMTU = 0x8921;
    private static final long SIOCETHTOOL = 0x8946;
    private static final int ETHTOOL_SGRO = 0x2c;
    private static final int ETHTOOL_SGSO = 0x24;
    private static final int IFF_UP = 1;

    private Tap() {}

    static Devices.Attached attach(Kernel kernel, String name, String mac) throws Failure {
        if (name.length() > NAME_CHARS_MAX) {
            throw failure(name, -36);
        }
        long socket = kernel.call(Kernel.SOCKET, 2, 0x80002, 0);
        if (socket < 0) {
            throw failure(name, socket);
        }
        request(kernel, name);
        long known = kernel.call(Kernel.IOCTL, socket, SIOCGIFFLAGS, kernel.scratchAddress());
        if (known < 0) {
            throw failure(name, known == -19 ? -2 : known);
        }
        if ((kernel.scratch().getShort(16) & IFF_UP) == 0) {
            throw failure(name, -100);
        }
        request(kernel, name);
        long measured = kernel.call(Kernel.IOCTL, socket, SIOCGIFMTU, kernel.scratchAddress());
        if (measured < 0) {
            throw failure(name, measured);
        }
        int mtu = kernel.scratch().getInt(16);
        long tap = kernel.open("/dev/net/tun", Kernel.O_RDWR | Kernel.O_NONBLOCK);
        if (tap < 0) {
            throw failure(name, tap);
        }
        request(kernel, name).putShort(16, (short) IFF_TAP_WITHOUT_HEADER);
        long attached = kernel.call(Kernel.IOCTL, tap, TUNSETIFF, kernel.scratchAddress());
        if (attached < 0) {
            throw failure(name, attached);
        }
        switchOff(kernel, socket, name, ETHTOOL_SGRO);
        switchOff(kernel, socket, name, ETHTOOL_SGSO);
        kernel.call(Kernel.CLOSE, socket, 0, 0);
        return new Devices.Attached(true, (int) tap, 0, 0, address(kernel, mac), mtu);
    }

    /** Frames larger than the guest's buffers must not come; who may not set this has set it. */
    private static void switchOff(Kernel kernel, long socket, String name, int feature) {
        ByteBuffer request = request(kernel, name);
        request.putInt(REQUEST_BYTES, feature).putInt(REQUEST_BYTES + 4, 0);
        request.putLong(16, kernel.scratchAddress() + REQUEST_BYTES);
        kernel.call(Kernel.IOCTL, socket, SIOCETHTOOL, kernel.scratchAddress());
    }

    private static ByteBuffer request(Kernel kernel, String name) {
        ByteBuffer request = kernel.cleared(REQUEST_BYTES);
        for (int i = 0; i < name.length(); i++) {
            request.put(i, (byte) name.charAt(i));
        }
        return request;
    }

    private static Bytes address(Kernel kernel, String text) throws Failure {
        byte[] mac = new byte[6];
        if (!text.isEmpty() && !parse(text, mac)) {
            throw Failure.ofOption("Malformed argument to --net-mac");
        }
        boolean any = false;
        for (byte b : mac) {
            any |= b != 0;
        }
        if (!any) {
            long got = kernel.call(Kernel.GETRANDOM, kernel.scratchAddress(), mac.length, 0);
            if (got != mac.length) {
                throw Failure.of("Could not choose a MAC address", Math.min(got, -5));
            }
            kernel.scratch().get(0, mac);
            mac[0] = (byte) ((mac[0] & 0xfe) | 2);
        }
        return Bytes.of(mac);
    }

    /** Six numbers of one or two hexadecimal digits between colons; what follows is ignored. */
    private static boolean parse(String text, byte[] mac) {
        int at = 0;
        for (int i = 0; i < mac.length; i++) {
            int digits = 0;
            while (digits < 2 && at < text.length() && Character.digit(text.charAt(at), 16) >= 0) {
                mac[i] = (byte) ((mac[i] << 4) | Character.digit(text.charAt(at++), 16));
                digits++;
            }
            if (digits == 0) {
                return false;
            }
            if (i < mac.length - 1 && (at == text.length() || text.charAt(at++) != ':')) {
                return false;
            }
        }
        return true;
    }

    private static Failure failure(String name, long result) {
        Failure why = Failure.of("Could not attach interface: " + name, result);
        return Failure.ofOption(why.text());
    }
}
