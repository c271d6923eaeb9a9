"""How the encoder is made: read the data strictly, fine-tune, calibrate, export, keep by content."""
