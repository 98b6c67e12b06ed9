"""Network-free predictors of the next category and the next item, order-blind and order-aware.

What the order probes compare, what thinning recomputes, and the floor that every arm of the trial
adds to. `targets` says what a prediction moment is, `shuffles` what losing order means; both hold
for every room that predicts.
"""
