package vmm.wire.supervisor;

/**
 * Stops a domain where it stands.
 *
 * @param thawOnTraffic true to thaw it when a frame comes for one of its taps, which is told by an
 *     event (our extension)
 */
public record FreezeRequest(String domain, boolean thawOnTraffic) {
    public byte[] json() {
        var to = new JsonWriter().object().name("domain").text(domain);
        if (thawOnTraffic) {
            to.name("thaw_on_traffic").flag(true);
        }
        return to.endObject().bytes();
    }

    public static FreezeRequest parse(byte[] json) throws JsonException {
        Fields from = Fields.parse(json);
        return new FreezeRequest(from.textOrEmpty("domain"), from.flag("thaw_on_traffic"));
    }
}
