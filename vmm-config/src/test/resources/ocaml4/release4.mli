(* The libraries of release 4, as far as main.ml can tell. *)

module Lwt : sig
  type +'a t
  val return : 'a -> 'a t
  val return_unit : unit t
  val map : ('a -> 'b) -> 'a t -> 'b t
  module Infix : sig
    val ( >>= ) : 'a t -> ('a -> 'b t) -> 'b t
    val ( >|= ) : 'a t -> ('a -> 'b) -> 'b t
  end
end

module Solo5_os : sig module Main : sig val run : unit Lwt.t -> unit end end
module Unix_os : sig module Main : sig val run : unit Lwt.t -> unit end end
module Duration : sig val of_sec : int -> int64 end
module Cmdliner : sig module Term : sig type 'a t end end
module Cmdliner_stdlib : sig
  val setup :
    ?backtrace:bool option -> ?randomize_hashtables:bool option -> unit -> unit Cmdliner.Term.t
end
module Cstruct : sig type t val of_hex : string -> t end
module Fmt : sig
  type 'a t
  val str : ('a, unit, string) format -> 'a
  val to_to_string : 'a t -> 'a -> string
end

module Logs : sig
  type level = App | Error | Warning | Info | Debug
  type reporter
  val set_reporter : reporter -> unit
  val warn : ((string -> unit) -> unit) -> unit
end

module Ipaddr : sig
  type t
  module V4 : sig
    type t
    val of_string_exn : string -> t
    module Prefix : sig type t val of_string_exn : string -> t end
  end
  module V6 : sig
    type t
    val of_string_exn : string -> t
    module Prefix : sig type t val of_string_exn : string -> t end
  end
end

module Mirage_bootvar : sig val argv : unit -> string array end
module Mirage_sleep : sig val ns : int64 -> unit Lwt.t end
module Mirage_logs : sig val create : unit -> Logs.reporter end
module Mirage_crypto_rng : sig module type S module Fortuna : S end
module Mirage_crypto_rng_mirage : sig
  val initialize : (module Mirage_crypto_rng.S) -> unit Lwt.t
end

module Mirage_runtime : sig
  type threshold
  val register_arg : 'a Cmdliner.Term.t -> unit -> 'a
  val runtime_args : unit -> unit Cmdliner.Term.t list
  val with_argv : unit Cmdliner.Term.t list -> string -> string array -> unit
  val delay : int Cmdliner.Term.t
  val analyze : bool Cmdliner.Term.t
  val logs : threshold list Cmdliner.Term.t
  val set_level : default:Logs.level option -> threshold list -> unit
  val set_name : string -> unit
  val name : unit -> string
end

module Mirage_runtime_network : sig
  open Cmdliner
  val interface : ?group:string -> string -> string Term.t
  val ipv4_only : ?group:string -> unit -> bool Term.t
  val ipv6_only : ?group:string -> unit -> bool Term.t
  module V4 : sig
    open Ipaddr.V4
    val network : ?group:string -> Prefix.t -> Prefix.t Term.t
    val optional_network : ?group:string -> unit -> Prefix.t option Term.t
    val gateway : ?group:string -> t option -> t option Term.t
  end
  module V6 : sig
    open Ipaddr.V6
    val network : ?group:string -> Prefix.t option -> Prefix.t option Term.t
    val gateway : ?group:string -> t option -> t option Term.t
    val accept_router_advertisements : ?group:string -> unit -> bool Term.t
  end
  val resolver : ?group:string -> ?default:string list -> unit -> string list option Term.t
  val dns_servers : ?group:string -> string list option -> string list option Term.t
  val dns_timeout : ?group:string -> int64 option -> int64 option Term.t
  val dns_cache_size : ?group:string -> int option -> int option Term.t
  val he_aaaa_timeout : ?group:string -> int64 option -> int64 option Term.t
  val he_connect_delay : ?group:string -> int64 option -> int64 option Term.t
  val he_connect_timeout : ?group:string -> int64 option -> int64 option Term.t
  val he_resolve_timeout : ?group:string -> int64 option -> int64 option Term.t
  val he_resolve_retries : ?group:string -> int option -> int option Term.t
  val he_timer_interval : ?group:string -> int64 option -> int64 option Term.t
  val ssh_key : ?group:string -> string option -> string option Term.t
  val ssh_password : ?group:string -> string option -> string option Term.t
  val ssh_authenticator : ?group:string -> string option -> string option Term.t
  val tls_authenticator : ?group:string -> string option -> string option Term.t
  val http_headers :
    ?group:string -> (string * string) list option -> (string * string) list option Term.t
  val syslog : ?group:string -> Ipaddr.t option -> Ipaddr.t option Term.t
  val syslog_port : ?group:string -> int option -> int Term.t
  val syslog_truncate : ?group:string -> int option -> int option Term.t
  val syslog_keyname : ?group:string -> string option -> string option Term.t
  val monitor : ?group:string -> Ipaddr.t option -> Ipaddr.t option Term.t
end

module type NET = sig type t val mtu : t -> int end
module type ETHERNET = sig type t val hwaddr : t -> string end
module type ARP = sig type t val ips : t -> Ipaddr.V4.t list end
module type IP = sig type t type ipaddr val src : t -> ipaddr end
module type ICMP = sig type t val ping : t -> unit end
module type UDP = sig type t type ipaddr val source : t -> ipaddr end
module type TCP = sig type t type flow val shut : t -> flow -> unit end
module type STACK = sig
  type t
  module UDP : UDP
  module TCP : TCP
  val tcp : t -> TCP.t
end
module type BLOCK = sig type t val sectors : t -> int64 end
module type KV_RO = sig type t val get : t -> string -> string option Lwt.t end
module type KV_RW = sig include KV_RO val set : t -> string -> string -> unit Lwt.t end

module Netif : sig include NET val connect : string -> t Lwt.t end
module Ethernet : sig
  module Make (N : NET) : sig include ETHERNET val connect : N.t -> t Lwt.t end
end
module Arp : sig
  module Make (E : ETHERNET) : sig include ARP val connect : E.t -> t Lwt.t end
end
module Static_ipv4 : sig
  module Make (E : ETHERNET) (A : ARP) : sig
    include IP with type ipaddr = Ipaddr.V4.t
    val connect :
      ?no_init:bool -> cidr:Ipaddr.V4.Prefix.t -> ?gateway:Ipaddr.V4.t -> E.t -> A.t -> t Lwt.t
  end
end
module Ipv6 : sig
  module Make (N : NET) (E : ETHERNET) : sig
    include IP with type ipaddr = Ipaddr.V6.t
    val connect :
      ?no_init:bool -> ?handle_ra:bool -> ?cidr:Ipaddr.V6.Prefix.t -> ?gateway:Ipaddr.V6.t ->
      N.t -> E.t -> t Lwt.t
  end
end
module Dhcp_wire : sig
  type option_code
  type dhcp_option = Hostname of string
  val int_to_option_code_exn : int -> option_code
end
module Dhcp_ipv4 : sig
  module type S = sig
    type t
    module Net : NET
    module Ipv4 : IP with type ipaddr = Ipaddr.V4.t
  end
  module Make (N : NET) (E : ETHERNET) (A : ARP) : sig
    include S
    val connect :
      ?no_init:bool -> ?cidr:Ipaddr.V4.Prefix.t -> ?gateway:Ipaddr.V4.t ->
      ?options:Dhcp_wire.dhcp_option list -> ?requests:Dhcp_wire.option_code list ->
      N.t -> E.t -> A.t -> t Lwt.t
  end
  module Proj_net (D : S) : sig include NET with type t = D.Net.t val connect : D.t -> t Lwt.t end
  module Proj_ipv4 (D : S) : sig
    include IP with type t = D.Ipv4.t and type ipaddr = Ipaddr.V4.t
    val connect : D.t -> t Lwt.t
  end
end
module Icmpv4 : sig
  module Make (I : IP with type ipaddr = Ipaddr.V4.t) : sig
    include ICMP
    val connect : I.t -> t Lwt.t
  end
end
module Udp : sig
  module Make (I : IP) : sig
    include UDP with type ipaddr = I.ipaddr
    val connect : I.t -> t Lwt.t
  end
end
module Tcp : sig
  module Flow : sig
    module Make (I : IP) : sig include TCP val connect : I.t -> t Lwt.t end
  end
end
module Tcpip_stack_direct : sig
  module IPV4V6
      (A : IP with type ipaddr = Ipaddr.V4.t) (B : IP with type ipaddr = Ipaddr.V6.t) : sig
    include IP with type ipaddr = Ipaddr.t
    val connect : ipv4_only:bool -> ipv6_only:bool -> A.t -> B.t -> t Lwt.t
  end
  module MakeV4V6
      (N : NET) (E : ETHERNET) (A : ARP) (I : IP with type ipaddr = Ipaddr.t) (C : ICMP)
      (U : UDP with type ipaddr = Ipaddr.t) (T : TCP) : sig
    include STACK with module UDP = U and module TCP = T
    val connect : N.t -> E.t -> A.t -> I.t -> C.t -> U.t -> T.t -> t Lwt.t
  end
  module TCPV4V6 (S : STACK) : sig
    include TCP with type flow = S.TCP.flow
    val connect : S.t -> t Lwt.t
  end
end

module Block : sig include BLOCK val connect : string -> t Lwt.t end
module Block_ccm : sig
  module Make (B : BLOCK) : sig
    include BLOCK
    val connect : ?nonce_len:int -> key:Cstruct.t -> B.t -> t Lwt.t
  end
end
module Fat : sig module KV_RO (B : BLOCK) : sig include KV_RO val connect : B.t -> t Lwt.t end end
module Static_htdocs : sig include KV_RO val connect : unit -> t Lwt.t end
module Mirage_kv_mem : sig include KV_RW val connect : unit -> t Lwt.t end
module Rresult : sig
  module R : sig
    val failwith_error_msg : ('a, [ `Msg of string ]) result -> 'a
    val reword_error : ('a -> 'b) -> ('c, 'a) result -> ('c, 'b) result
    val msgf :
      ('a, Format.formatter, unit, [> `Msg of string ]) format4 -> 'a
  end
end
module Docteur_solo5 : sig
  module Fast : sig
    include KV_RO
    type error
    val pp_error : Format.formatter -> error -> unit
    val connect : analyze:bool -> string -> (t, error) result Lwt.t
  end
end
module Tar_mirage : sig
  module Make_KV_RO (B : BLOCK) : sig include KV_RO val connect : B.t -> t Lwt.t end
  module Make_KV_RW (B : BLOCK) : sig include KV_RW val connect : B.t -> t Lwt.t end
end

module Conduit_mirage : sig
  module type S = sig type t val name : string end
  module TCP (S : STACK) : sig include S with type t = S.t end
  module TLS (C : S) : sig include S with type t = C.t end
end
module Resolver_mirage : sig
  module type S = sig type t val localhost : t end
  module Make (S : STACK) : sig
    include S
    val v : ?nameservers:string list -> S.t -> (t, [ `Msg of string ]) result Lwt.t
  end
end
module Cohttp_mirage : sig
  module Server : sig
    module type S = sig type spec end
    module Make (C : Conduit_mirage.S) : sig
      include S
      val listen : C.t -> [ `TCP of int ] -> spec -> unit Lwt.t
    end
  end
  module Client : sig
    module type S = sig type ctx end
    module Make (R : Resolver_mirage.S) (C : Conduit_mirage.S) : sig
      include S
      val ctx : R.t -> C.t -> ctx
    end
  end
end

module Happy_eyeballs_mirage : sig
  module type S = sig type t type stack end
  module Make (S : STACK) : sig
    include S with type stack = S.t
    val connect_device :
      ?aaaa_timeout:int64 -> ?connect_delay:int64 -> ?connect_timeout:int64 ->
      ?resolve_timeout:int64 -> ?resolve_retries:int -> ?timer_interval:int64 -> S.t -> t Lwt.t
  end
end
module Dns_client_mirage : sig
  module type S = sig type t type happy_eyeballs end
  module Make (S : STACK) (H : Happy_eyeballs_mirage.S with type stack = S.t) : sig
    include S with type happy_eyeballs = H.t
    val connect :
      ?cache_size:int -> ?nameservers:string list -> ?timeout:int64 -> S.t * H.t -> t Lwt.t
  end
end
module Mimic : sig
  type ctx
  val merge : ctx -> ctx -> ctx
  module type S = sig val connect : ctx -> ctx Lwt.t end
  module Merge (A : S) (B : S) : S
end
module Mimic_happy_eyeballs : sig
  module type S = sig type t val connect : t -> Mimic.ctx Lwt.t end
  module Make
      (S : STACK) (H : Happy_eyeballs_mirage.S with type stack = S.t)
      (D : Dns_client_mirage.S with type happy_eyeballs = H.t) : S with type t = H.t
end
module Git_net : sig
  module TCP : sig module Make (T : TCP) (M : Mimic_happy_eyeballs.S) : Mimic.S end
  module SSH : sig
    module Make (T : TCP) (M : Mimic_happy_eyeballs.S) : sig
      include Mimic.S
      val with_optionnal_key :
        ?authenticator:string -> key:string option -> password:string option -> Mimic.ctx ->
        Mimic.ctx Lwt.t
    end
  end
  module HTTP : sig
    module Make (T : TCP) (M : Mimic_happy_eyeballs.S) : sig
      include Mimic.S
      val with_optional_tls_config_and_headers :
        ?headers:(string * string) list -> ?authenticator:string -> Mimic.ctx -> Mimic.ctx Lwt.t
    end
  end
end
module Http_mirage_client : sig
  module type S = sig type t end
  module Make (T : TCP) (M : Mimic_happy_eyeballs.S) : sig
    include S
    val connect : Mimic.ctx -> t Lwt.t
  end
end
module Paf_mirage : sig
  module type S = sig type t end
  module Make (T : TCP) : sig include S val init : port:int -> T.t -> t Lwt.t end
end
module Logs_syslog_mirage : sig
  module Udp (S : STACK) : sig
    val create :
      S.t -> hostname:string -> ?port:int -> Ipaddr.t -> ?truncate:int -> unit -> Logs.reporter
  end
  module Tcp (S : STACK) : sig
    val create :
      S.t -> hostname:string -> ?port:int -> Ipaddr.t -> ?truncate:int -> unit ->
      (Logs.reporter, string) result Lwt.t
  end
end
module Logs_syslog_mirage_tls : sig
  module Tls (S : STACK) (K : KV_RO) : sig
    val create :
      S.t -> K.t -> hostname:string -> ?port:int -> Ipaddr.t -> ?truncate:int ->
      ?keyname:string -> unit -> (Logs.reporter, string) result Lwt.t
  end
end
module Mirage_monitoring : sig
  module Make (S : STACK) : sig val create : Ipaddr.t -> hostname:string -> S.t -> unit end
end

module Unikernel : sig
  val port : int Cmdliner.Term.t
  val secret : string Cmdliner.Term.t
  module Network (N : NET) : sig val start : N.t -> unit Lwt.t end
  module Block (B : BLOCK) : sig val start : B.t -> unit Lwt.t end
  module Two (S : STACK) (K : KV_RO) : sig val start : S.t -> K.t -> unit Lwt.t end
  module Files (K : KV_RO) : sig val start : K.t -> unit Lwt.t end
  module Store (K : KV_RW) : sig val start : K.t -> unit Lwt.t end
  module Http (H : Cohttp_mirage.Server.S) : sig
    val start : (H.spec -> unit Lwt.t) -> unit Lwt.t
  end
  module Client (C : Cohttp_mirage.Client.S) : sig val start : C.ctx -> unit Lwt.t end
  module Dns (D : Dns_client_mirage.S) : sig val start : D.t -> unit Lwt.t end
  module Git (G : Mimic.S) : sig val start : Mimic.ctx -> unit Lwt.t end
  module Paf (P : Paf_mirage.S) : sig val start : P.t -> unit Lwt.t end
  module Alpn (C : Http_mirage_client.S) : sig val start : C.t -> unit Lwt.t end
  module Logged (L : sig end) : sig val start : unit -> unit Lwt.t end
end
