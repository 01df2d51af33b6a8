package vmm.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The words for HTTP, git, logs and figures that only release 4 has; see {@link Devices4}. */
public final class Services4 {
    public static final Typ<Dev<Kind.HttpClient>> HTTP_CLIENT = Typ.of("http_client");
    public static final Typ<Dev<Kind.HttpServer>> HTTP_SERVER = Typ.of("http_server");
    public static final Typ<Dev<Kind.AlpnClient>> ALPN_CLIENT = Typ.of("alpn_client");
    public static final Typ<Dev<Kind.GitClient>> GIT_CLIENT = Typ.of("git_client");
    public static final Typ<Dev<Kind.Syslog>> SYSLOG = Typ.of("syslog");

    private Services4() {}

    /** Sends log lines over UDP to where the unikernel is told. */
    public static Dev<Kind.Syslog> syslogUdp(Dev<Kind.Stackv4> stack) {
        String send =
                """
                let reporter =
                      $M.create $1 ~hostname:(Mirage_runtime.name ()) ~port:$3 server ?truncate:$4 ()
                    in
                    Logs.set_reporter reporter;
                    Lwt.return_unit""";
        Form form = Form.of("Logs_syslog_mirage.Udp", orStdout("$2", send), library("mirage"));
        return Later.device(SYSLOG, "syslog_udp", form.told(syslogTerms()), stack);
    }

    /** Sends log lines over TCP to where the unikernel is told. */
    public static Dev<Kind.Syslog> syslogTcp(Dev<Kind.Stackv4> stack) {
        String send =
                "$M.create $1 ~hostname:(Mirage_runtime.name ()) ~port:$3 server ?truncate:$4";
        Form form =
                Form.of("Logs_syslog_mirage.Tcp", orStdout("$2", sent(send)), library("mirage"));
        return Later.device(SYSLOG, "syslog_tcp", form.told(syslogTerms()), stack);
    }

    /** Sends log lines over TLS, with the key and certificates in {@code credentials}. */
    public static Dev<Kind.Syslog> syslogTls(Dev<Kind.Stackv4> stack, Dev<Kind.KvRo> credentials) {
        String send =
                "$M.create $1 $2 ~hostname:(Mirage_runtime.name ()) ~port:$4 server ?truncate:$5"
                        + " ?keyname:$6";
        Form form =
                Form.of(
                        "Logs_syslog_mirage_tls.Tls",
                        orStdout("$3", sent(send)),
                        library("mirage", "mirage.tls"));
        var terms = new ArrayList<>(List.of(syslogTerms()));
        terms.add(Terms.told("syslog_keyname", Optional.empty()));
        return Later.device(
                SYSLOG, "syslog_tls", form.told(terms.toArray(String[]::new)), stack, credentials);
    }

    private static Need library(String... libraries) {
        return Need.of("logs-syslog", "0.5.0", "0.6.0").with(libraries);
    }

    private static String[] syslogTerms() {
        return new String[] {
            Terms.told("syslog", Optional.empty()),
            Terms.told("syslog_port", Optional.empty()),
            Terms.told("syslog_truncate", Optional.empty())
        };
    }

    private static String orStdout(String server, String send) {
        return "match "
                + server
                + " with\n    | None -> Logs.warn (fun m -> m \"no syslog server specified, dumping"
                + " logs to stdout\"); Lwt.return_unit\n    | Some server ->\n    "
                + send;
    }

    private static String sent(String create) {
        return create
                + " () >>= function\n"
                + "    | Ok reporter -> Logs.set_reporter reporter; Lwt.return_unit\n"
                + "    | Error e -> invalid_arg e";
    }

    /** Tells figures to an Influx server. */
    public static Dev<Kind.Job> monitoring(Dev<Kind.Stackv4> stack) {
        String code =
                """
                Lwt.return (match $2 with
                  | None -> Logs.warn (fun m -> m "no monitor specified, not outputting statistics")
                  | Some ip -> $M.create ip ~hostname:(Mirage_runtime.name ()) $1)""";
        Need library = Need.of("mirage-monitoring", "0.0.6", "0.1.0");
        Form form = Form.of("Mirage_monitoring.Make", code, library);
        String term = Terms.told("monitor", Optional.empty());
        return Later.device(Mirage.JOB, "monitoring", form.told(term), stack);
    }

    /** A conduit that speaks TLS over another one. */
    public static Dev<Kind.Conduit> conduitTls(Dev<Kind.Conduit> conduit) {
        Need library = Need.of("conduit-mirage", "8.0.0", "9.0.0");
        Need tls = Need.of("tls-mirage", "2.0.0", "3.0.0");
        Form form = Form.of("Conduit_mirage.TLS", "Lwt.return $1", library, tls);
        return Later.device(Mirage.CONDUIT, "conduit_direct ~tls", form, conduit);
    }

    private static Need cohttp() {
        return Need.of("cohttp-mirage", "6.1.0", "7.0.0");
    }

    /** An HTTP server that its user tells where to listen. */
    public static Dev<Kind.Http> cohttpServer(Dev<Kind.Conduit> conduit) {
        String code = "Lwt.return ($M.listen $1)";
        Form form = Form.of("Cohttp_mirage.Server.Make", code, cohttp());
        return Later.device(Mirage.HTTP, "cohttp_server", form, conduit);
    }

    /** An HTTP server, of another make, that its user tells where to listen. */
    public static Dev<Kind.Http> httpafServer(Dev<Kind.Conduit> conduit) {
        String code = "Lwt.return ($M.listen $1)";
        Form form = Form.of("Httpaf_mirage.Server_with_conduit", code, Need.of("httpaf-mirage"));
        return Later.plain(Mirage.HTTP, "httpaf_server", form, conduit);
    }

    public static Dev<Kind.HttpClient> cohttpClient(
            Dev<Kind.Resolver> resolver, Dev<Kind.Conduit> conduit) {
        String code = "Lwt.return ($M.ctx $1 $2)";
        Form form = Form.of("Cohttp_mirage.Client.Make", code, cohttp());
        return Later.device(HTTP_CLIENT, "cohttp_client", form, resolver, conduit);
    }

    /** A server of HTTP 1.1 and 2; {@code term} is its port. */
    public static Dev<Kind.HttpServer> pafServer(String term, Dev<Kind.Tcp<Kind.V4V6>> tcp) {
        Need library = Need.of("paf", "0.8.0", "0.9.0").with("mirage");
        Form form = Form.of("Paf_mirage.Make", "$M.init ~port:$2 $1", library);
        return Later.device(HTTP_SERVER, "paf_server", form.told(term), tcp);
    }

    /** A client of HTTP 1.1 and 2. */
    public static Dev<Kind.AlpnClient> pafClient(
            Dev<Kind.Tcp<Kind.V4V6>> tcp, Dev<Kind.Mimic> mimic) {
        Need library = Need.of("http-mirage-client", "0.0.9", "0.1.0");
        Form form = Form.of("Http_mirage_client.Make", "$M.connect $2", library);
        return Later.device(ALPN_CLIENT, "paf_client", form, tcp, mimic);
    }

    /** A client that reaches what either of two reaches. */
    public static Dev<Kind.GitClient> mergeGitClients(
            Dev<Kind.GitClient> one, Dev<Kind.GitClient> other) {
        Form form = Form.of("Mimic.Merge", "Lwt.return (Mimic.merge $1 $2)", Need.of("mimic"));
        return Later.device(GIT_CLIENT, "merge_git_clients", form, one, other);
    }

    private static Dev<Kind.GitClient> git(
            String name,
            String module,
            String code,
            Dev<Kind.Tcp<Kind.V4V6>> tcp,
            Dev<Kind.Mimic> mimic,
            String... terms) {
        Form form = Form.of("Git_net." + module + ".Make", code, Need.below("git-net", "1.0.0"));
        return Later.device(GIT_CLIENT, name, form.told(terms), tcp, mimic);
    }

    public static Dev<Kind.GitClient> gitTcp(Dev<Kind.Tcp<Kind.V4V6>> tcp, Dev<Kind.Mimic> mimic) {
        return git("git_tcp", "TCP", "$M.connect $2", tcp, mimic);
    }

    /** Git over SSH; what is not given here may be told when the unikernel boots. */
    public static Dev<Kind.GitClient> gitSsh(
            Optional<String> key,
            Optional<String> password,
            Optional<String> authenticator,
            Dev<Kind.Tcp<Kind.V4V6>> tcp,
            Dev<Kind.Mimic> mimic) {
        return git(
                "git_ssh",
                "SSH",
                "$M.connect $2 >>="
                        + " $M.with_optionnal_key ?authenticator:$5 ~key:$3 ~password:$4",
                tcp,
                mimic,
                Terms.quoted("ssh_key", key),
                Terms.quoted("ssh_password", password),
                Terms.quoted("ssh_authenticator", authenticator));
    }

    /** Git over HTTP; what is not given here may be told when the unikernel boots. */
    public static Dev<Kind.GitClient> gitHttp(
            Optional<String> authenticator,
            Map<String, String> headers,
            Dev<Kind.Tcp<Kind.V4V6>> tcp,
            Dev<Kind.Mimic> mimic) {
        var pairs = new ArrayList<String>();
        headers.forEach(
                (name, value) ->
                        pairs.add("(" + Ocaml.quoted(name) + ", " + Ocaml.quoted(value) + ")"));
        return git(
                "git_http",
                "HTTP",
                "$M.connect $2 >>= $M.with_optional_tls_config_and_headers ?headers:$4"
                        + " ?authenticator:$3",
                tcp,
                mimic,
                Terms.quoted("tls_authenticator", authenticator),
                Terms.told(
                        "http_headers",
                        pairs.isEmpty()
                                ? Optional.empty()
                                : Optional.of("[" + String.join("; ", pairs) + "]")));
    }
}
