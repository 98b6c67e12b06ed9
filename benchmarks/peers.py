"""Other people's DIEN, in a virtual environment of its own: never a dependency of the product.

    python -m benchmarks.peers        (build/peers; a minute the first time, then nothing)

PyTorch comes first and alone, at the version of `constraints.txt`: a plain `torch` would bring gigabytes of
CUDA. The peers come without their dependencies, most of which their models never import; what they do import
for other purposes (`UNUSED`) is replaced by an empty stand-in, among it the question of DeepCTR-Torch to the
package index whether it is still the newest.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from unittest.mock import MagicMock

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "build" / "peers"
PYTHON = FOLDER / "bin" / "python"
FIRST = ("torch==2.13.0",)
PEERS = ("deepctr-torch==0.3.0", "recbole==1.2.1", "fuxictr==2.3.10")
IMPORTED = (
    "numpy",
    "scipy",
    "pandas",
    "scikit-learn",
    "tqdm==4.67.1",
    "pyyaml==6.0.3",
    "colorlog==6.9.0",
    "colorama==0.4.6",
    "pytest",
)
RAY = ("ray", "ray.data", "ray.data.datasource", "ray.data.datasource.filename_provider")
UNUSED = ("requests", "polars", *RAY, "h5py", "pyarrow", "texttable", "psutil", "torch.utils.tensorboard")


def install() -> None:
    """Make the environment, unless it is there as this module asks for it."""
    wanted = "\n".join([*FIRST, *IMPORTED, *PEERS])
    stamp = FOLDER / ".ready"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(FOLDER)], check=True)
    _pip(*FIRST)
    _pip(*IMPORTED)
    _pip("--no-deps", *PEERS)
    stamp.write_text(wanted)


def _pip(*wanted: str) -> None:
    usual = ("install", "--quiet", "--disable-pip-version-check", "--constraint", "constraints.txt")
    subprocess.run([str(PYTHON), "-m", "pip", *usual, *wanted], cwd=ROOT, check=True)


def stand_in() -> None:
    """Before a peer is imported: empty modules in place of those it imports and does not use here."""
    import pandas  # noqa: F401  (before the stand-ins: it looks for pyarrow)

    for name in UNUSED:
        sys.modules.setdefault(name, MagicMock())


if __name__ == "__main__":
    install()
