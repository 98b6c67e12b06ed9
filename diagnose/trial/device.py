"""Where arms are trained: what `--device` means on this machine, and what CUDA needs to repeat itself.

The process that diagnoses never loads PyTorch: what it sees here is asked of a process that ends at once.
On CUDA the seeds of an arm are trained side by side, a process each on the one device [0032].
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Literal

from diagnose.errors import ResourceError, UsageError
from diagnose.settings import DeviceName

if TYPE_CHECKING:
    import torch

    from diagnose.trial.layers import Batch

Device = Literal["cpu", "cuda"]

SCORED_AT_ONCE = {
    "cpu": 20_000,
    "cuda": 200_000,
}  # rows of (history, candidate): nearly a core's cache [0032]
PATIENCE = 120  # seconds for PyTorch to say what it sees: a driver that hangs must not hang the trial
_ASK = """
import json, torch
works, why, gpu = torch.cuda.is_available(), "", ""
if works:
    try:
        torch.ones(2, device="cuda").sum().item()
        memory = torch.cuda.get_device_properties(0).total_memory
        gpu = f"{torch.cuda.get_device_name()}, {memory / 1e9:.0f} GB"
    except Exception as error:
        works, why = False, str(error)
told = {"version": torch.__version__, "cuda": torch.version.cuda, "works": works, "why": why, "gpu": gpu}
print(json.dumps(told))
"""


@dataclass(frozen=True)
class Seen:
    """Whether PyTorch can compute on CUDA here, and what it says of itself."""

    cuda: bool
    told: str
    gpu: str = ""  # its name and memory
    broken: bool = False  # PyTorch does not even say what it sees


def resolve(asked: DeviceName) -> Device:
    """The device that `--device` comes to here. Raises UsageError where CUDA is asked for and not there."""
    if asked == "cpu":
        return "cpu"
    found = seen()
    if found.cuda:
        return "cuda"
    if asked == "auto":
        return "cpu"
    raise UsageError(
        "--device cuda: PyTorch cannot compute on CUDA here.",
        seen=found.told,
        attempt="--device cpu, or a PyTorch built for this machine's GPU (https://pytorch.org/get-started)",
    )


@cache
def seen() -> Seen:
    """What PyTorch sees of CUDA. A build without it is known by its name and costs no second."""
    try:
        version = metadata.version("torch")
    except metadata.PackageNotFoundError:
        version = ""
    if version.endswith("+cpu"):
        return Seen(cuda=False, told=f"PyTorch {version}, built without CUDA")
    return asked(version)


def asked(version: str) -> Seen:
    """What PyTorch says when a process of its own loads it; `version` is told where it says nothing."""
    try:
        ran = subprocess.run(  # noqa: S603  (our own interpreter, our own words)
            [sys.executable, "-P", "-c", _ASK], capture_output=True, text=True, timeout=PATIENCE
        )
        return _heard(json.loads(ran.stdout))
    except (subprocess.TimeoutExpired, ValueError):
        return Seen(cuda=False, told=f"PyTorch {version} does not say what it sees", broken=True)


def _heard(answer: dict[str, str | bool | None]) -> Seen:
    name = f"PyTorch {answer['version']}, built " + (
        f"for CUDA {answer['cuda']}" if answer["cuda"] else "without CUDA"
    )
    if answer["works"]:
        return Seen(cuda=True, told=name, gpu=str(answer.get("gpu") or ""))
    first_line = (str(answer["why"]).splitlines() or ["no device in reach"])[0]
    return Seen(cuda=False, told=f"{name}; {first_line}" if answer["cuda"] else name)


def workers(device: Device, *, seeds: int) -> int:
    """How many processes train side by side: one a core, on CUDA no more than there are seeds of an arm.

    There a process keeps a core busy with handing out work, so more of them than cores would only wait.
    """
    return min(seeds, cores()) if device == "cuda" else cores()


def cores() -> int:
    """The cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def ready(device: str) -> None:
    """Inside a worker: one thread, and on CUDA only what gives the same numbers again."""
    import torch

    torch.set_num_threads(1)  # two threads on a busy machine are ten times slower than one
    if device == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # else products of matrices differ by run
        torch.use_deterministic_algorithms(True)
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def forked(device: str) -> AbstractContextManager[None]:
    """Random numbers of a job's own, on the CPU and on its device; those of the caller come back."""
    import torch

    return torch.random.fork_rng(devices=[torch.cuda.current_device()] if device == "cuda" else [])


def moved(batch: Batch, device: torch.device) -> Batch:
    """A batch on the device; as it is where it is there already."""
    if batch.base.device == device:
        return batch
    return replace(batch, **{entry.name: getattr(batch, entry.name).to(device) for entry in fields(batch)})


def exhausted(log: str) -> ResourceError | None:
    """The error of a worker that ended because its device's memory ran out; None where it ended otherwise."""
    if "OutOfMemoryError" not in log:
        return None
    return ResourceError(
        "A process that trained the trial's models ran out of the GPU's memory.",
        seen="several seeds share it; so may other programs",
        attempt="--device cpu, or when the GPU is free; --budget quick needs less",
    )
