"""Resampling and tests that know nothing of logs: arrays in, numbers out."""
