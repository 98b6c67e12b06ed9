"""Other people's DIEN, in a virtual environment of its own: never a dependency of the product.

    python -m benchmarks.peers        (build/peers; seconds the first time, then nothing)

What this environment has, the peers' sees too: PyTorch, numpy, pandas are installed once, at the versions of
`constraints.txt`, and so is what they need that stands there. The peers come without their dependencies, most
of which their models never import; what they do import for other purposes (`UNUSED`) is replaced by an empty
stand-in, among it the question of DeepCTR-Torch to the package index whether it is still the newest.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path
from unittest.mock import MagicMock

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "build" / "peers"
PYTHON = FOLDER / "bin" / "python"
PEERS = ("deepctr-torch==0.3.0", "recbole==1.2.1", "fuxictr==2.3.10")
IMPORTED = ("tqdm==4.67.1", "pyyaml", "colorlog==6.9.0", "colorama")
RAY = ("ray", "ray.data", "ray.data.datasource", "ray.data.datasource.filename_provider")
UNUSED = ("requests", "polars", *RAY, "h5py", "pyarrow", "texttable", "psutil", "torch.utils.tensorboard")


def install() -> None:
    """Make the environment, unless it is there as this module asks for it."""
    seen = sysconfig.get_path("purelib")
    wanted = "\n".join([seen, *IMPORTED, *PEERS])
    stamp = FOLDER / ".ready"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(FOLDER)], check=True)
    (_site_packages() / "beside.pth").write_text(f"{seen}\n")
    _pip("--no-deps", *IMPORTED, *PEERS)
    stamp.write_text(wanted)


def _site_packages() -> Path:
    """Where the peers' environment has its packages."""
    return Path(sysconfig.get_path("purelib", vars={"base": str(FOLDER), "platbase": str(FOLDER)}))


def _pip(*wanted: str) -> None:
    usual = (
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
        "--constraint",
        "constraints.txt",
    )
    subprocess.run([str(PYTHON), "-m", "pip", *usual, *wanted], cwd=ROOT, check=True)


def stand_in() -> None:
    """Before a peer is imported: empty modules in place of those it imports and does not use here."""
    import pandas  # noqa: F401  (before the stand-ins: it looks for pyarrow)

    for name in UNUSED:
        sys.modules.setdefault(name, MagicMock())


if __name__ == "__main__":
    install()
