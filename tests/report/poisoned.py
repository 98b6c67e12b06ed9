"""Test data: a small log by an attacker, diagnosed by the command itself, with two names to keep."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from click.testing import CliRunner

from diagnose.cli import main

SAMPLE = Path(__file__).parents[2] / "sample_logs" / "ecommerce.parquet"
ATTACKS = (  # each would set window.ran, hide the page, or ask for something
    "<script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "<svg onload=window.ran=1>",
    "</style><script>window.ran=1</script>",
    '"><iframe srcdoc="<script>parent.ran=1</script>"></iframe>',
    "{{ 7 * 7 }}{% for x in y %}",
    "<style>*{display:none!important}</style>",
    "<a href=https://example.test/>here</a>",
    "]]><!--",
    "&lt;b&gt;",
    "' onmouseover='window.ran=1",
    "${window.ran=1}",
)
FILE = "<img src=x onerror=window.ran=1>.parquet"
RARE_CATEGORY, RARE_EVENT = "Zwillingsforschung", "Sonderabmeldung"  # of 15 users each
RARE_USERS, USERS = 15, 700


@dataclass(frozen=True)
class Poisoned:
    """What the command made of the log."""

    page: Path
    document: Path
    screen: str


def poisoned(folder: Path) -> Poisoned:
    """Diagnose the log; a panel names the rare category beside the common ones."""
    log = hostile_log()
    log.to_parquet(folder / FILE)
    totals = log.groupby(_column("category")).size().mul(2)
    panel = folder / "totals.csv"
    totals.rename_axis("category").rename("events").reset_index().to_csv(panel, index=False)
    roles = ("user", "item", "category", "event", "timestamp", "session")
    columns = [part for role in roles for part in ("--column", f"{role}={_column(role)}")]
    options = ["--no-trial", "--quiet", "--users", "600", "--out", str(folder), "--panel", str(panel)]
    ran = CliRunner().invoke(main, ["analyze", str(folder / FILE), *columns, *options])
    assert ran.exit_code == 0, ran.output
    (page,), (document,) = folder.glob("*.html"), folder.glob("*.json")
    return Poisoned(page=page, document=document, screen=ran.output)


def hostile_log() -> pd.DataFrame:
    """Of the sample's first users; categories, kinds of events and columns carry an attack each."""
    log = pd.read_parquet(SAMPLE)
    log = log[log["user_id"].isin(log["user_id"].unique()[:USERS])].reset_index(drop=True)
    categories = sorted(log["category"].unique())
    named = {name: f"{ATTACKS[place % len(ATTACKS)]} {name}" for place, name in enumerate(categories)}
    log["category"] = log["category"].map(named)
    log["event_type"] = log["event_type"].map(lambda event: f"{ATTACKS[1]} {event}")
    few = log["user_id"].isin(log["user_id"].unique()[:RARE_USERS])
    every_third = log.groupby("user_id").cumcount() % 3 == 1
    log.loc[few & every_third, "category"] = RARE_CATEGORY
    log.loc[few & (log.groupby("user_id").cumcount() % 4 == 2), "event_type"] = RARE_EVENT
    plain = ("user_id", "item_id", "category", "event_type", "timestamp", "session_id")
    roles = ("user", "item", "category", "event", "timestamp", "session")
    return log.rename(columns={name: _column(role) for name, role in zip(plain, roles, strict=True)})


def _column(role: str) -> str:
    """What the column of a role is called."""
    return {"user": ATTACKS[0], "category": ATTACKS[6], "event": ATTACKS[4]}.get(role, f"{role} {ATTACKS[1]}")
