include V1_LWT.BLOCK
