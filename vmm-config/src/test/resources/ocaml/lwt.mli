(* As much of Lwt as generated code uses. *)
type +'a t
val return : 'a -> 'a t
val return_unit : unit t
val ( >>= ) : 'a t -> ('a -> 'b t) -> 'b t
val fail : exn -> 'a t
val join : unit t list -> unit t
