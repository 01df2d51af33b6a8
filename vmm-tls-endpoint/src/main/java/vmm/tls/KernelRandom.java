package vmm.tls;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.security.SecureRandomSpi;

/**
 * The kernel's random bytes, as the JDK's NativePRNG gives them, but without the search for it
 * among all that the JDK's providers have. Any thread.
 */
final class KernelRandom extends SecureRandom {
    private static final long serialVersionUID = 1L;

    KernelRandom() throws IOException {
        super(new Device(), null);
    }

    private static final class Device extends SecureRandomSpi {
        private static final long serialVersionUID = 1L;

        private final transient InputStream device;

        Device() throws IOException {
            device = new FileInputStream("/dev/urandom");
        }

        @Override
        protected void engineSetSeed(byte[] seed) {
            // The kernel has seeds of its own.
        }

        @Override
        protected void engineNextBytes(byte[] bytes) {
            try {
                if (device.readNBytes(bytes, 0, bytes.length) < bytes.length) {
                    throw new IllegalStateException("/dev/urandom has ended");
                }
            } catch (IOException e) {
                throw new IllegalStateException("cannot read /dev/urandom", e);
            }
        }

        @Override
        protected byte[] engineGenerateSeed(int count) {
            byte[] bytes = new byte[count];
            engineNextBytes(bytes);
            return bytes;
        }
    }
}
