"""Condition 1: do interests move, and does the movement say what comes next? One question per file."""
