package vmm.core;

/**
 * A unikernel to create. {@code ConfigV5}
 *
 * @param compressed whether {@code image} is zlib (RFC 1950)
 * @param image may be empty on the wire: then the image follows in chunks, or is kept elsewhere
 */
public record UnikernelConfig(Typ typ, boolean compressed, Bytes image, Arguments arguments) {
    public UnikernelConfig withImage(boolean newCompressed, Bytes newImage) {
        return new UnikernelConfig(typ, newCompressed, newImage, arguments);
    }
}
