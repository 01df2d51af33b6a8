package vmm.core;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * An Ethernet address: six bytes, first byte highest. {@code MacAddr ::= OCTET STRING (SIZE(6))}
 */
public record MacAddress(long bits) {
    public static final int BYTES = 6;
    private static final long PREFIX = 0x008041L;

    public MacAddress {
        if (bits >>> 48 != 0) {
            throw new IllegalArgumentException("a MAC address has 48 bits");
        }
    }

    public static MacAddress of(Bytes bytes) {
        if (bytes.length() != BYTES) {
            throw new IllegalArgumentException("a MAC address has " + BYTES + " bytes");
        }
        long bits = 0;
        for (int i = 0; i < BYTES; i++) {
            bits = (bits << 8) | bytes.at(i);
        }
        return new MacAddress(bits);
    }

    /** Says why {@code text} is no MAC address, or is empty if it is one. */
    public static Optional<String> problem(String text) {
        return text.matches("[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}")
                ? Optional.empty()
                : Optional.of("'" + text + "' is no MAC address: write it as 00:80:41:0a:0b:0c");
    }

    public static MacAddress parse(String text) {
        problem(text)
                .ifPresent(
                        why -> {
                            throw new IllegalArgumentException(why);
                        });
        return new MacAddress(HexFormat.fromHexDigitsToLong(text.replaceAll("[:-]", "")));
    }

    /**
     * The address that a device gets when none is given: the same for the same names, always.
     *
     * @param device the unikernel's name for the device
     * @param unikernel the unikernel's name (BEHAVIOUR 4)
     */
    public static MacAddress derived(String device, Name unikernel) {
        byte[] digest = md5().digest((device + unikernel).getBytes(StandardCharsets.UTF_8));
        long low = ((digest[0] & 0xffL) << 16) | ((digest[1] & 0xffL) << 8) | (digest[2] & 0xffL);
        return new MacAddress((PREFIX << 24) | low);
    }

    @SuppressWarnings("StronglyTypeByteString")
    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException missing) {
            throw new AssertionError("every JDK has MD5", missing);
        }
    }

    public Bytes bytes() {
        byte[] bytes = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            bytes[i] = (byte) (bits >>> (8 * (BYTES - 1 - i)));
        }
        return Bytes.view(bytes, 0, BYTES);
    }

    @Override
    public String toString() {
        return HexFormat.ofDelimiter(":").formatHex(bytes().toArray());
    }
}
