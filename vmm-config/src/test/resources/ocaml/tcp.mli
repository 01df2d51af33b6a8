module Flow : sig
  module Make (I : V1_LWT.IPV4) (T : V1_LWT.TIME) (C : V1_LWT.CLOCK) (R : V1_LWT.RANDOM) :
    V1_LWT.TCP with type ip = I.t
end
