"""Reply variants: the trainers' files, their checked and compiled form, and the choice among them."""
