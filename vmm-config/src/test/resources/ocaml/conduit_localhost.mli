include V1_LWT.VCHAN
