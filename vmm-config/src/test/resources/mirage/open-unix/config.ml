let main = Mirage.(foreign "Unikernel.Main" (console @-> stackv4 @-> block @-> fs @-> job))
let stack = Mirage.(direct_stackv4_with_dhcp ~clock:default_clock ~random:default_random default_console (netif "eth0"))
let () =
  let open Mirage in
  let disk = block_of_file "disk.img" in
  register "o" [
    main $ default_console $ stack $ disk $ fat disk ;
  ]
