package vmm.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The words of configurations that only release 4 has.
 *
 * <p>Meant for {@code import static vmm.config.Devices4.*}, beside {@link Mirage}. A term is one of
 * cmdliner's in the unikernel, as {@code Unikernel.port}: its value is told when it boots.
 */
public final class Devices4 {
    public static final Typ<Dev<Kind.KvRw>> KV_RW = Typ.of("kv_rw");
    public static final Typ<Dev<Kind.Tcp<Kind.V4V6>>> TCPV4V6 = Typ.of("tcpv4v6");
    public static final Typ<Dev<Kind.HappyEyeballs>> HAPPY_EYEBALLS = Typ.of("happy_eyeballs");
    public static final Typ<Dev<Kind.DnsClient>> DNS_CLIENT = Typ.of("dns_client");
    public static final Typ<Dev<Kind.Mimic>> MIMIC = Typ.of("mimic");

    private static final String CONNECTED = "$M.connect $1";

    /** What happy-eyeballs can be told: nanoseconds, and a number of tries. */
    public enum Patience {
        AAAA_TIMEOUT,
        CONNECT_DELAY,
        CONNECT_TIMEOUT,
        RESOLVE_TIMEOUT,
        RESOLVE_RETRIES,
        TIMER_INTERVAL;

        private String term(OptionalLong value) {
            String suffix = this == RESOLVE_RETRIES ? "" : "L";
            return Terms.told("he_" + name().toLowerCase(Locale.ROOT), text(value, suffix));
        }
    }

    private Devices4() {}

    private static Optional<String> text(OptionalLong value, String suffix) {
        return value.isPresent() ? Optional.of(value.getAsLong() + suffix) : Optional.empty();
    }

    /** The device with what it is told in a group of arguments, to tell it from another one. */
    public static <K> Dev<K> inGroup(String group, Dev<K> device) {
        if (device.node() instanceof Node.Base(Later later)) {
            return Mirage.implementation(device.typ(), later.in(group));
        }
        throw new ConfigException("a " + device.typ() + " like this one is in no group");
    }

    /** A job that does nothing. */
    public static Dev<Kind.Job> noop() {
        return Later.device(Mirage.JOB, "noop", Form.of("Unit", "return ($,)"));
    }

    /** A disk by its number or name in Xen's store. */
    public static Dev<Kind.Block> blockOfXenstoreId(String id) {
        Need library = Need.of("mirage-block-xen", "2.1.0", "3.0.0").with("front");
        Form form = Form.of("Block", "$M.connect " + Ocaml.quoted(id), library);
        return Later.device(Mirage.BLOCK, "block_of_xenstore_id", form);
    }

    /** A disk in memory. */
    public static Dev<Kind.Block> ramdisk(String name) {
        Form form =
                Form.of(
                        "Ramdisk",
                        "$M.connect ~name:" + Ocaml.quoted(name),
                        Need.of("mirage-block-ramdisk"));
        return Later.device(Mirage.BLOCK, "ramdisk", form);
    }

    /** A disk that is encrypted with AES in CCM; {@code term} is the key, in hex. */
    public static Dev<Kind.Block> ccmBlock(String term, Dev<Kind.Block> block) {
        String code =
                """
                let key = $2 in
                  let key =
                    if String.length key >= 2 && String.(equal "0x" (sub key 0 2)) then
                      String.sub key 2 (String.length key - 2)
                    else key
                  in
                  $M.connect ?nonce_len:(None) ~key:(Cstruct.of_hex key) $1""";
        Form form = Form.of("Block_ccm.Make", code, Need.of("mirage-block-ccm", "2.0.0", "3.0.0"));
        return Later.device(Mirage.BLOCK, "ccm_block", form.told(term), block);
    }

    /** The files of a tar archive. */
    public static Dev<Kind.KvRo> tarKvRo(Dev<Kind.Block> block) {
        Need library = Need.of("tar-mirage", "1.0.0", "4.0.0");
        Form form = Form.of("Tar_mirage.Make_KV_RO", CONNECTED, library);
        return Later.device(Mirage.KV_RO, "tar_kv_ro", form, block);
    }

    /** The files of a tar archive, which more can be added to. */
    public static Dev<Kind.KvRw> tarKvRw(Dev<Kind.Block> block) {
        Need library = Need.of("tar-mirage", "2.2.0", "4.0.0");
        Form form = Form.of("Tar_mirage.Make_KV_RW", CONNECTED, library);
        return Later.device(KV_RW, "tar_kv_rw", form, block);
    }

    /** The files of a git repository or a folder, packed into an image. */
    public static Dev<Kind.KvRo> docteur(Docteur files) {
        return Mirage.implementation(Mirage.KV_RO, files);
    }

    /** The files of a folder of the host's, to read and write. */
    public static Dev<Kind.KvRw> directKvRw(String folder) {
        Need library = Need.of("mirage-kv-unix", "2.1.0", "3.0.0");
        Form form = Form.of("Mirage_kv_unix", "$M.connect " + Ocaml.quoted(folder), library);
        return Later.device(KV_RW, "direct_kv_rw", form);
    }

    /** Keys and values in memory. */
    public static Dev<Kind.KvRw> kvRwMem() {
        Need library = Need.of("mirage-kv-mem", "3.0.0", "4.0.0");
        return Later.device(KV_RW, "kv_rw_mem", Form.of("Mirage_kv_mem", "$M.connect ()", library));
    }

    /** A littlefs; {@code term} is the size of its blocks in bytes. */
    public static Dev<Kind.KvRw> chamelon(String term, Dev<Kind.Block> block) {
        String code =
                """
                $M.connect ~program_block_size:$2 $1
                  >|= Result.map_error (Fmt.str "%a" $M.pp_error)
                  >|= Result.fold ~ok:Fun.id ~error:failwith""";
        Form form = Form.of("Kv.Make", code, Need.from("chamelon", "0.0.8").with("kv"));
        return Later.device(KV_RW, "chamelon", form.told(term), block);
    }

    /** The half of a stack that is TCP. */
    public static Dev<Kind.Tcp<Kind.V4V6>> tcpOfStack(Dev<Kind.Stackv4> stack) {
        Need library = Need.of("tcpip", "9.0.0", "10.0.0").with("stack-direct");
        Form form = Form.of("Tcpip_stack_direct.TCPV4V6", CONNECTED, library);
        return Later.device(TCPV4V6, "tcpv4v6_of_stackv4v6", form, stack);
    }

    public static Dev<Kind.HappyEyeballs> happyEyeballs(Dev<Kind.Stackv4> stack) {
        return happyEyeballs(stack, Map.of());
    }

    /** Connects by whichever of several addresses answers first. */
    public static Dev<Kind.HappyEyeballs> happyEyeballs(
            Dev<Kind.Stackv4> stack, Map<Patience, Long> patience) {
        String code =
                """
                $M.connect_device ?aaaa_timeout:$2 ?connect_delay:$3
                  ?connect_timeout:$4 ?resolve_timeout:$5 ?resolve_retries:$6 ?timer_interval:$7 $1""";
        var terms = new ArrayList<String>();
        for (Patience each : Patience.values()) {
            Long value = patience.get(each);
            terms.add(each.term(value == null ? OptionalLong.empty() : OptionalLong.of(value)));
        }
        Need library = Need.of("happy-eyeballs-mirage", "2.0.0", "3.0.0");
        Form form = Form.of("Happy_eyeballs_mirage.Make", code, library);
        return Later.device(
                HAPPY_EYEBALLS, "happy_eyeballs", form.told(terms.toArray(String[]::new)), stack);
    }

    public static Dev<Kind.DnsClient> dnsClient(
            Dev<Kind.Stackv4> stack, Dev<Kind.HappyEyeballs> happyEyeballs) {
        return dnsClient(
                stack, happyEyeballs, List.of(), OptionalLong.empty(), OptionalLong.empty());
    }

    /**
     * Asks name servers.
     *
     * @param servers as {@code udp:ADDRESS}, {@code tcp:ADDRESS:PORT}, {@code tls:ADDRESS}
     * @param nanos how long an answer may take
     * @param cached how many answers are kept
     */
    public static Dev<Kind.DnsClient> dnsClient(
            Dev<Kind.Stackv4> stack,
            Dev<Kind.HappyEyeballs> happyEyeballs,
            List<String> servers,
            OptionalLong nanos,
            OptionalLong cached) {
        Form form =
                Form.of(
                                "Dns_client_mirage.Make",
                                "$M.connect ?nameservers:$3 ?timeout:$4 ?cache_size:$5 ($1, $2)",
                                Need.of("dns-client-mirage", "10.0.0", "11.0.0"))
                        .told(
                                Terms.told(
                                        "dns_servers",
                                        servers.isEmpty()
                                                ? Optional.empty()
                                                : Optional.of(Terms.list(servers))),
                                Terms.told("dns_timeout", text(nanos, "L")),
                                Terms.told("dns_cache_size", text(cached, "")));
        return Later.device(DNS_CLIENT, "dns_client", form, stack, happyEyeballs);
    }

    /** Connections for clients, by address or name. */
    public static Dev<Kind.Mimic> mimicHappyEyeballs(
            Dev<Kind.Stackv4> stack,
            Dev<Kind.HappyEyeballs> happyEyeballs,
            Dev<Kind.DnsClient> dns) {
        Need library = Need.from("mimic-happy-eyeballs", "0.0.9");
        Form form = Form.of("Mimic_happy_eyeballs.Make", "$M.connect $2", library);
        return Later.device(MIMIC, "mimic", form, stack, happyEyeballs, dns);
    }
}
