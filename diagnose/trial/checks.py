"""Whether networks can be trained here, and where."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.checks import Check, installed, without_paths
from diagnose.trial.device import asked


def checks() -> Iterator[Check]:
    """PyTorch itself, then the GPU; both as a process of their own sees them, so a driver cannot hang us."""
    version = installed("torch")
    if version is None:
        yield Check(
            name="trial",
            state="problem",
            told="PyTorch is not installed",
            attempt="install it (README), or run with --no-trial",
        )
        return
    found = asked(version)
    if found.broken:
        yield Check(
            name="trial",
            state="problem",
            told=without_paths(found.told),
            attempt="reinstall PyTorch (README), or run with --no-trial",
        )
        return
    yield Check(name="trial", told=without_paths(found.told))
    if found.cuda:
        yield Check(name="gpu", told=f"{found.gpu or 'CUDA'} computes; --device auto trains on it")
    else:
        yield Check(name="gpu", told="none that PyTorch can use: the trial trains on the CPU")
