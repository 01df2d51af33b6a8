package vmm.wire.supervisor;

/**
 * Start and thaw as the generation of 2023-04 asks: with the name of a profile.
 *
 * @param cgroupProfile empty where it was not given
 */
public record ProfileRequest(String domain, String cgroupProfile) {
    public static ProfileRequest parse(byte[] json) throws JsonException {
        Fields from = Fields.parse(json);
        return new ProfileRequest(from.textOrEmpty("domain"), from.textOrEmpty("cgroup_profile"));
    }
}
