"""Fuzzing of every file that cwc reads: targets, seeds and mutations, by Hypothesis, by atheris, or by neither."""
