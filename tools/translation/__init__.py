"""The product's catalogues: read, checked, turned into traditional characters and compiled, without gettext's programs."""
