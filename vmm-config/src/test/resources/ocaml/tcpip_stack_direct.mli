module Make
    (C : V1_LWT.CONSOLE) (T : V1_LWT.TIME) (R : V1_LWT.RANDOM) (N : V1_LWT.NETWORK)
    (E : V1_LWT.ETHIF with type netif = N.t)
    (I : V1_LWT.IPV4 with type ethif = E.t)
    (U : V1_LWT.UDP with type ip = I.t)
    (P : V1_LWT.TCP with type ip = I.t) : sig
  include V1_LWT.STACKV4
  type mode = [ `DHCP | `IPv4 of Ipaddr.V4.t * Ipaddr.V4.t * Ipaddr.V4.t list ]
  val connect :
    (C.t, N.t, mode) V1_LWT.stackv4_config -> E.t -> I.t -> U.t -> P.t ->
    (t, string) V1_LWT.result
end
