package vmm.client;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import vmm.core.BlockDevice;
import vmm.core.MacAddress;
import vmm.core.Name;
import vmm.core.NetDevice;
import vmm.core.Path;
import vmm.core.Policy;

/** How names, devices and times are written on the command line. */
final class Spelling {
    private Spelling() {}

    static final class OfName implements ITypeConverter<Name> {
        @Override
        public Name convert(String text) {
            refuse(Name.problem(text));
            return Name.parse(text);
        }
    }

    /** A whole number that the wire has room for. */
    static final class OfNumber implements ITypeConverter<Long> {
        private static final long LARGEST = Policy.UNLIMITED;

        @Override
        public Long convert(String text) {
            try {
                long number = Long.parseLong(text);
                if (number >= -LARGEST && number <= LARGEST) {
                    return number;
                }
            } catch (NumberFormatException _) {
                // Told below.
            }
            throw new TypeConversionException("'" + text + "' is no whole number up to " + LARGEST);
        }
    }

    /** A path, with or without the colon at its end. */
    static final class OfPath implements ITypeConverter<Path> {
        @Override
        public Path convert(String text) {
            refuse(Name.problem(text));
            Name name = Name.parse(text);
            return name.label().map(name.path()::child).orElse(name.path());
        }
    }

    /** {@code [name:]bridge[@mac]}; one word alone is both. */
    static final class OfNet implements ITypeConverter<NetDevice> {
        @Override
        public NetDevice convert(String text) {
            String[] parts = split(text, "[name:]bridge[@mac]");
            Optional<MacAddress> mac = Optional.empty();
            if (!parts[2].isEmpty()) {
                refuse(MacAddress.problem(parts[2]));
                mac = Optional.of(MacAddress.parse(parts[2]));
            }
            return new NetDevice(parts[0], optional(parts[1]), mac);
        }
    }

    /** {@code name[:device][@sector-size]}. */
    static final class OfBlock implements ITypeConverter<BlockDevice> {
        @Override
        public BlockDevice convert(String text) {
            String[] parts = split(text, "name[:device][@sector-size]");
            OptionalLong size = OptionalLong.empty();
            if (!parts[2].isEmpty()) {
                size = OptionalLong.of(sectorSize(parts[2]));
            }
            return new BlockDevice(parts[0], optional(parts[1]), size);
        }

        private static long sectorSize(String text) {
            long size = text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
            if (size < BlockDevice.SECTOR_BYTES_DEFAULT || Long.bitCount(size) != 1) {
                throw new TypeConversionException(
                        "the sector size must be a power of two from 512 on, not " + text);
            }
            return size;
        }
    }

    /** RFC 3339, or a date alone, which is its midnight in UTC. */
    static final class OfTime implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            String whole = text.matches("[0-9]{4}-[0-9]{2}-[0-9]{2}") ? text + "T00:00:00Z" : text;
            try {
                return OffsetDateTime.parse(whole).toInstant();
            } catch (DateTimeException _) {
                throw new TypeConversionException(
                        "'"
                                + text
                                + "' is no time: write it as 2026-03-12T23:42:15Z or 2026-03-12");
            }
        }
    }

    /** What stands before a colon, between it and an at sign, and after that. */
    private static String[] split(String text, String form) {
        String[] at = text.split("@", -1);
        String[] colon = at[0].split(":", -1);
        boolean empty = at[at.length - 1].isEmpty() || colon[colon.length - 1].isEmpty();
        if (at.length > 2 || colon.length > 2 || colon[0].isEmpty() || empty) {
            throw new TypeConversionException("'" + text + "' is not of the form " + form);
        }
        return new String[] {
            colon[0], colon.length == 2 ? colon[1] : "", at.length == 2 ? at[1] : ""
        };
    }

    private static Optional<String> optional(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static void refuse(Optional<String> problem) {
        if (problem.isPresent()) {
            throw new TypeConversionException(problem.get());
        }
    }
}
