module Time : V1_LWT.TIME
module Main : sig val run : unit Lwt.t -> unit end
