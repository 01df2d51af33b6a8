module Make (I : V1_LWT.IPV4) : V1_LWT.UDP with type ip = I.t
