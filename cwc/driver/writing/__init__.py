"""What lies in an output folder: its manifest, its modules, and how files are replaced whole."""
