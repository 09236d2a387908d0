"""The user's modules: importing them, and what the compiler learns of the tools and classes in them."""
