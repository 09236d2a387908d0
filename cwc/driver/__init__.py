"""Projects: configuration, tools, the passes as one function, files."""
