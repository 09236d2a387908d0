"""Flows by name and version: where they come from, the states that people set, and drift of their tools."""
