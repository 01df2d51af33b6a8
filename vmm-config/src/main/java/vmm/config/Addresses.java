package vmm.config;

import java.util.ArrayList;
import java.util.List;

/** Addresses, checked and in their canonical spelling. */
final class Addresses {
    private Addresses() {}

    static String v4(String text) {
        var parts = List.of(text.split("\\.", -1));
        if (parts.size() != 4 || !parts.stream().allMatch(p -> p.matches("0|[1-9][0-9]{0,2}"))) {
            throw new ConfigException("'" + text + "' is no IPv4 address");
        }
        var numbers = parts.stream().map(Integer::parseInt).toList();
        if (numbers.stream().anyMatch(n -> n > 255)) {
            throw new ConfigException("'" + text + "' is no IPv4 address");
        }
        return String.join(".", numbers.stream().map(String::valueOf).toList());
    }

    /** How many bits a netmask of version 4 has. */
    static int bits(String netmask) {
        int mask = 0;
        for (String part : v4(netmask).split("\\.", -1)) {
            mask = (mask << 8) | Integer.parseInt(part);
        }
        int bits = Integer.numberOfLeadingZeros(~mask);
        if (mask != (bits == 0 ? 0 : -1 << (32 - bits))) {
            throw new ConfigException("'" + netmask + "' is no netmask: its ones are not together");
        }
        return bits;
    }

    static String v6(String text) {
        int gap = text.indexOf("::");
        var groups = new ArrayList<Integer>();
        if (gap < 0) {
            groups.addAll(groups(text, text));
        } else {
            var before = groups(text, text.substring(0, gap));
            var after = groups(text, text.substring(gap + 2));
            groups.addAll(before);
            for (int i = before.size() + after.size(); i < 8; i++) {
                groups.add(0);
            }
            groups.addAll(after);
            if (before.size() + after.size() > 7) {
                throw new ConfigException("'" + text + "' is no IPv6 address");
            }
        }
        if (groups.size() != 8) {
            throw new ConfigException("'" + text + "' is no IPv6 address");
        }
        return compressed(groups);
    }

    private static List<Integer> groups(String whole, String text) {
        var groups = new ArrayList<Integer>();
        if (text.isEmpty()) {
            return groups;
        }
        for (String part : text.split(":", -1)) {
            if (part.contains(".")) {
                String[] bytes = v4(part).split("\\.", -1);
                groups.add((Integer.parseInt(bytes[0]) << 8) | Integer.parseInt(bytes[1]));
                groups.add((Integer.parseInt(bytes[2]) << 8) | Integer.parseInt(bytes[3]));
            } else if (part.matches("[0-9a-fA-F]{1,4}")) {
                groups.add(Integer.parseInt(part, 16));
            } else {
                throw new ConfigException("'" + whole + "' is no IPv6 address");
            }
        }
        return groups;
    }

    private static String compressed(List<Integer> groups) {
        int best = -1;
        int length = 1;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups.get(end) == 0) {
                end++;
            }
            if (end - i > length) {
                best = i;
                length = end - i;
            }
        }
        if (best < 0) {
            return hex(groups);
        }
        if (best == 0 && length == 5 && groups.get(5) == 0xffff) {
            return "::ffff:" + dotted(groups.get(6)) + "." + dotted(groups.get(7));
        }
        return hex(groups.subList(0, best)) + "::" + hex(groups.subList(best + length, 8));
    }

    private static String dotted(int group) {
        return (group >> 8) + "." + (group & 0xff);
    }

    private static String hex(List<Integer> groups) {
        return String.join(":", groups.stream().map(Integer::toHexString).toList());
    }

    /** An IPv6 prefix; the bits after it stay. */
    static String prefix6(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,3}")) {
            throw new ConfigException("'" + text + "' is no IPv6 prefix: write ADDRESS/BITS");
        }
        int bits = Integer.parseInt(text.substring(slash + 1));
        if (bits > 128) {
            throw new ConfigException("'" + text + "' is no IPv6 prefix: it has up to 128 bits");
        }
        return v6(text.substring(0, slash)) + "/" + bits;
    }
}
