open Mirage
type kind = A | B of int
let k = B 3
let chosen = match k with A -> "a" | B n when n > 2 -> "big" ^ string_of_int (n * 2) | B _ -> "b"
let (|>) x f = f x
let net = "1" |> netif
let a, b = "x", "y" and c = "z"
let f ?(id="7") ~name () = custom_console (id ^ name)
let main = foreign "A.M" (console @-> console @-> network @-> job)
let jobs = [ main $ f ~name:a () $ f ~id:b ~name:c () $ net ]
let jobs = if List.length jobs >= 1 && not (jobs = []) then jobs else failwith "none"
let _ = ignore (get_mode ())
let () = match get_mode () with `Xen -> register "xm" jobs | `Unix | `MacOSX -> register chosen (List.concat [jobs; []])
;;
