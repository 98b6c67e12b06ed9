"""What the trial reads: numbers with their reason; the page of evidence in brackets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from diagnose.budgets import BudgetName

DeviceName = Literal["auto", "cpu", "cuda"]
Repeats = Literal["include", "exclude", "only"]


@dataclass(frozen=True, kw_only=True)
class TrialSettings:
    """The trial, 4."""

    run: bool = True  # --no-trial: the probes alone, and a verdict that says so [0002]
    budget: BudgetName = "standard"  # enough users to see a lift of about twice the least worthwhile [0010]
    device: DeviceName = "auto"  # CUDA where PyTorch sees one that works, else the CPU [0032]
    minimum_lift: float = 0.003  # GAUC: delta, set by the user [0001]
    history: int = 30  # events; interests halve within 13 events on taobao, 14 on foursquare [0010]
    minimum_history: int = 4  # strictly earlier events [0005]
    cuts: tuple[float, float, float] = (0.5, 0.8, 0.9)  # statistics < training < validation < test [0010]
    negatives: int = 49  # in evaluation, up to; fewer need far more users for the same interval [0010]
    training_negatives: int = 4  # a softmax over 1 + 4 candidates [0010]
    eligible_days: float = 7.0  # candidates were seen in the trailing week, or a tenth of the span [0010]
    overfit_fall: float = 0.05  # a fall from train to test beyond this is told [0010]
    tie_share: float = 0.05  # above it the ties arm runs in every budget [0010]
    too_small: float = 3.0  # minimal detectable lift beyond so many delta: not trustworthy [0010]
    validation_targets: int = 2_000  # early stopping compares one model with itself: paired, so few do [0010]
    validation_negatives: int = 9  # as the line above; scoring them is a good part of the time [0010]
    learning_rate: float = 5e-3  # at its peak; AdamW, warm-up then cosine [0012]
    weight_decay: float = 0.01  # AdamW's custom [0012]
    dropout: float = 0.1  # of the head [0012]
    batch: int = 256  # histories; small enough for some hundred steps on 10,000 targets [0012]
    epochs: int = 10  # at most, on few targets; early stopping usually ends before [0012]
    evaluations_per_epoch: int = 3  # best weights are kept, so the peak must not be missed [0012]
    patience: int = 5  # evaluations without a new best before training stops: nearly two epochs [0012]
    auxiliary_weight: float = 0.3  # of the next-behaviour loss, beside a loss of about log 5 [0012]
    assumed_half_life: float = 8.0  # events, where fading starts if 2.1 gave no half-life [0010]
    minimum_targets: int = 50  # in each window; fewer are not a trial at all [0010]
    repeats: Repeats = "include"  # --repeats: shops live on them, some places want what is new [0031]
    cold_user_events: int = 10  # fewer before a target: not one halving of interests (13 to 14) seen [0031]
