module Server (F : V1_LWT.FLOW) : sig
  type spec
  val listen : spec -> F.flow -> unit Lwt.t
end
