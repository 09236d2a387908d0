"""What a tool is, how it is made, and what it can ask of the run that calls it."""
