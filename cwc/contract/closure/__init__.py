"""Hand-written modules and all that they reach by import, read with `ast` and held to the rules."""
