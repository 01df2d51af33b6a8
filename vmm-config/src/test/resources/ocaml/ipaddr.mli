module V4 : sig type t val of_string_exn : string -> t end
