"""Condition 2: does the log hold the whole of what its users do? One question per file."""
