"""Benchmarks: speed, calibration, real logs, sample logs; each one command, `python -m benchmarks.NAME`."""
