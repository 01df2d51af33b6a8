(* The kinds of devices as functors of the 2.5 line expect them, as far as main.ml can tell. *)
type ('t, 'e) result = [ `Ok of 't | `Error of 'e ] Lwt.t

module type TIME = sig val sleep : float -> unit Lwt.t end
module type CLOCK = sig val time : unit -> float end
module type RANDOM = sig val self_init : unit -> unit val int : int -> int end

module type CONSOLE = sig
  type t
  type error
  val connect : string -> (t, error) result
  val log_s : t -> string -> unit Lwt.t
end

type network_error = [ `Unknown of string | `Unimplemented | `Disconnected ]

module type NETWORK = sig
  type t
  val connect : string -> (t, network_error) result
  val listen : t -> (string -> unit Lwt.t) -> unit Lwt.t
end

module type BLOCK = sig
  type t
  type error
  val connect : string -> (t, error) result
  val read : t -> int64 -> string list -> unit Lwt.t
end

module type ETHIF = sig type t type netif type error val connect : netif -> (t, error) result end
module type IPV4 = sig
  type t
  type ethif
  type error
  val connect : ethif -> (t, error) result
  val set_ip : t -> Ipaddr.V4.t -> unit Lwt.t
  val set_ip_netmask : t -> Ipaddr.V4.t -> unit Lwt.t
  val set_ip_gateways : t -> Ipaddr.V4.t list -> unit Lwt.t
end
module type UDP = sig
  type t
  type ip
  type error
  val connect : ip -> (t, error) result
  val write : t -> string -> unit
end
module type TCP = sig
  type t
  type ip
  type error
  val connect : ip -> (t, error) result
  val create_connection : t -> int -> unit Lwt.t
end

type ('console, 'interface, 'mode) stackv4_config = {
  name : string;
  console : 'console;
  interface : 'interface;
  mode : 'mode;
}

module type STACKV4 = sig type t val listen : t -> unit Lwt.t end
module type FLOW = sig type flow val close : flow -> unit Lwt.t end
module type VCHAN = sig type peer val register : string -> peer Lwt.t end
module type TLS = sig type tls end
