module No_TLS : V1_LWT.TLS
module Make (S : V1_LWT.STACKV4) (V : V1_LWT.VCHAN) (T : V1_LWT.TLS) : sig
  type t
  module Flow : V1_LWT.FLOW
  val init : ?peer:V.peer -> ?stack:S.t -> unit -> t Lwt.t
  val serve :
    ctx:t -> mode:[ `TCP of [ `Port of int ] ] -> (Flow.flow -> unit Lwt.t) -> unit Lwt.t
end
