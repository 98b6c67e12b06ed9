"""The trial: the only room that knows PyTorch, and only inside its worker processes."""

from diagnose.trial.experiment import run

__all__ = ["run"]
