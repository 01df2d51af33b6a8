module Make (E : V1_LWT.ETHIF) (C : V1_LWT.CLOCK) (T : V1_LWT.TIME) :
  V1_LWT.IPV4 with type ethif = E.t
