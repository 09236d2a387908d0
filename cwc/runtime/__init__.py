"""What generated modules and tool authors import."""
