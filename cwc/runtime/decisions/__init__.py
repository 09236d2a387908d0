"""Choosing a step's tool while the flow runs."""
