val string_of_network_init_error : string -> V1_LWT.network_error -> string
