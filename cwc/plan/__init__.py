"""The intermediate representation: what will run, in order, with every name bound."""
