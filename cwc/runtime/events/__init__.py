"""What a run tells of itself while it runs, who is told, and what is hidden from them."""
