include V1_LWT.CLOCK
