open Mirage
module Config = struct
  let name = "m"
  let nets = ["a"; "b"; "c"]
end
let disks = List.filter (fun x -> x <> "q") ["p"; "q"; "r"]
let main = foreign "U.Main" (block @-> network @-> job)
let jobs = List.map2 (fun d n -> main $ block_of_file (d ^ ".img") $ netif n) disks (List.tl Config.nets)
let () = List.iter (fun p -> add_to_opam_packages [p]) ["x1";"x2"];
  let name = String.concat "-" [Config.name; String.sub "hello" 0 2] in
  register name jobs
