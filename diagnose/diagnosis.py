"""A finished diagnosis: the result, and the ways to show it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from diagnose import report
from diagnose.formatting import printable
from diagnose.results import Result, Verdict


@dataclasses.dataclass(frozen=True)
class Diagnosis:
    """What analyze() returns: the result, and the ways to show it."""

    result: Result

    @property
    def verdict(self) -> Verdict:
        """What to do, why, and what would change it."""
        return self.result.verdict

    def to_html(self) -> str:
        """The report: one HTML page that opens offline."""
        return report.render_html(self.result)

    def to_json(self) -> str:
        """The result as JSON (docs/report_schema.md)."""
        return report.render_json(self.result)

    def to_markdown(self) -> str:
        """The verdict and the numbers that carry it as Markdown, for a pull request: about a screen."""
        return report.render_markdown(self.result)

    def write(self, folder: Path | str, stem: str, *, markdown: bool = False) -> tuple[Path, ...]:
        """Write `stem`.html and `stem`.json (and `stem`.md) into `folder`, all whole or not at all."""
        return report.write(self.result, Path(folder), stem, markdown=markdown)

    def log_to_mlflow(self, *, run_name: str | None = None) -> str:
        """Log to the active run of MLflow, or to a new one; returns the run's id (docs/mlflow.md).

        Needs MLflow (the extra `mlflow`). Raises UsageError where it is missing or does not answer.
        """
        from diagnose import tracking  # MLflow, only where somebody asks for it

        return tracking.log(self.result, run_name=run_name)

    def _repr_html_(self) -> str:
        return report.render_notebook(self.result)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows: the first screen, or where it shows no HTML the same in a few lines."""
        return {"text/html": self._repr_html_(), "text/plain": self._lines()}

    def _lines(self) -> str:
        said = report.summary(self.result)
        width = max(len(line.name) for line in said.numbers)
        numbers = [
            f"{line.glyph} {line.name:<{width}}  {line.value} ({line.behind})" for line in said.numbers
        ]
        flips = [f"{what}: {then}" for what, then in said.flips]
        lines = [said.headline, "", *numbers, "", *flips, *said.steps]
        return printable("\n".join(lines), longest=20_000)

    def __repr__(self) -> str:
        return f"Diagnosis({self.verdict.outcome}: {printable(self.verdict.headline)})"
