open Mirage
(* a web server *)
let fs_key = try String.lowercase_ascii (Sys.getenv "FSMODE") with Not_found -> "crunch"
let fat_ro dir = kv_ro_of_fs (fat_of_files ~dir ())
let fs = match fs_key with "fat" -> fat_ro "t" | _ -> crunch "t"
let tmpl = if fs_key = "fat" then fat_ro "u" else crunch "u"
let net = try match Sys.getenv "NET" with "socket" -> `Socket | _ -> `Direct with Not_found -> `Direct
let dhcp = try match Sys.getenv "ADDR" with "dhcp" -> `Dhcp | _ -> `Static with Not_found -> `Static
let ip_config:ipv4_config =
  let address = Ipaddr.V4.of_string_exn "10.99.99.2" in
  let netmask = Ipaddr.V4.of_string_exn "255.255.255.0" in
  let gateways = List.map Ipaddr.V4.of_string_exn ["10.99.99.1"; "10.99.99.3"] in
  { address; netmask; gateways }
let stack console =
  match net, dhcp with
  | `Direct, `Dhcp   -> direct_stackv4_with_dhcp console tap0
  | `Direct, `Static -> direct_stackv4_with_static_ipv4 console tap0 ip_config
  | `Socket, _       -> socket_stackv4 console [Ipaddr.V4.any]
let port = try int_of_string (Sys.getenv "PORT") with Not_found -> 80
let server = let conduit = conduit_direct (stack default_console) in http_server (`TCP (`Port port)) conduit
let main =
  let libraries = [ "re.str"; "cow" ] and packages = [ "cow"; "re" ] in
  foreign ~libraries ~packages "Dispatch.Main" (console @-> kv_ro @-> kv_ro @-> http @-> job)
let tracing = mprof_trace ~size:1000000 ()
let () =
  add_to_ocamlfind_libraries ["re.str"];
  add_to_opam_packages ["re"];
  register ~tracing "www" [ main $ default_console $ fs $ tmpl $ server ]
