"""The contract over files that a user names: its settings, its baseline, and what is remembered of it."""
