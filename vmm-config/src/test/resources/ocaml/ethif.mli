module Make (N : V1_LWT.NETWORK) : V1_LWT.ETHIF with type netif = N.t
