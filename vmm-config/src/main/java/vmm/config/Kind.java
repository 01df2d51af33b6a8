package vmm.config;

/** What a device is, as a type: nothing has one of these as its value. */
public interface Kind {
    interface Time extends Kind {}

    interface Clock extends Kind {}

    interface Random extends Kind {}

    interface Console extends Kind {}

    interface IoPage extends Kind {}

    interface Block extends Kind {}

    interface KvRo extends Kind {}

    interface KvRw extends Kind {}

    interface Fs extends Kind {}

    interface Network extends Kind {}

    interface Ethernet extends Kind {}

    interface V4 extends Kind {}

    interface V6 extends Kind {}

    /** Versions 4 and 6 side by side. */
    interface V4V6 extends Kind {}

    /** An IP layer of version {@code V}. */
    interface Ip<V> extends Kind {}

    /** UDP over IP of version {@code V}. */
    interface Udp<V> extends Kind {}

    /** TCP over IP of version {@code V}. */
    interface Tcp<V> extends Kind {}

    interface Stackv4 extends Kind {}

    interface Resolver extends Kind {}

    interface Vchan extends Kind {}

    interface ConduitTls extends Kind {}

    interface Conduit extends Kind {}

    interface Http extends Kind {}

    interface HttpClient extends Kind {}

    interface HttpServer extends Kind {}

    interface AlpnClient extends Kind {}

    interface HappyEyeballs extends Kind {}

    interface DnsClient extends Kind {}

    interface Mimic extends Kind {}

    interface GitClient extends Kind {}

    interface Syslog extends Kind {}

    interface Job extends Kind {}
}
