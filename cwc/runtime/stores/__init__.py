"""What outlives a run: checkpoints, to go on with it, and caches of what its steps gave."""
