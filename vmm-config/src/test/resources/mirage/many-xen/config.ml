open Mirage
let sp = Printf.sprintf
let main = foreign "Unikernel.Main" (console @-> network @-> job)
let rec jobs = function
  | 0 -> []
  | n -> (main $ custom_console (sp "c%d" n) $ netif (string_of_int n)) :: jobs (n - 1)
let rec upto a b = if a > b then [] else a :: upto (a+1) b
let more = List.map (fun i -> main $ default_console $ netif (Printf.sprintf "eth%d%s" i "x")) (upto 5 7)
let all = List.fold_left (fun acc j -> j :: acc) (List.rev (jobs 3)) more
let () = register (sp "%s-%d" "many" (List.length all)) all
