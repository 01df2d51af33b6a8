module Console (C : V1_LWT.CONSOLE) : sig val start : C.t -> unit Lwt.t end
module Stack (C : V1_LWT.CONSOLE) (S : V1_LWT.STACKV4) : sig
  val start : C.t -> S.t -> unit Lwt.t
end
module Network (C : V1_LWT.CONSOLE) (N : V1_LWT.NETWORK) : sig
  val start : C.t -> N.t -> unit Lwt.t
end
module Block (C : V1_LWT.CONSOLE) (B : V1_LWT.BLOCK) : sig
  val start : C.t -> B.t -> unit Lwt.t
end
module type HTTP = sig type spec end
module Http (C : V1_LWT.CONSOLE) (H : HTTP) : sig
  val start : C.t -> (H.spec -> unit Lwt.t) -> unit Lwt.t
end
