"""What changed between two results, and whether it is more than noise: pure functions, no drawing."""

from diagnose.comparison.findings import Changed, Compared, Comparison, Difference, Side
from diagnose.comparison.two_results import compare

__all__ = ["Changed", "Compared", "Comparison", "Difference", "Side", "compare"]
