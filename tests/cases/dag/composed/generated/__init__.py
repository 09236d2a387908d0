"""Modules that cwc generated from flow files."""
