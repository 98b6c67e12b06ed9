"""Long help in sections: which options belong together. Those that none names come last."""

from __future__ import annotations

import click

SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Reading the log",
        ("columns", "preset", "users", "sampled_fraction", "target", "seed", "config", "no_config"),
    ),
    (
        "What you know of capture",
        ("capture_rate", "loss_pattern", "funnel", "handoffs", "panel", "second_logs"),
    ),
    ("The trial", ("trial", "budget", "minimum_lift", "repeats", "device", "keep")),
    (
        "Engine",
        ("memory_limit", "threads", "temp_dir", "engine", "spark_remote", "spark_master"),
    ),
    ("Output", ("out", "markdown", "mlflow", "fail_on", "quiet", "verbose")),
)


class Sectioned(click.Command):
    """A command whose --help groups its options."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a block of options for each section that has any here."""
        left = {
            param.name: record
            for param in self.get_params(ctx)
            if isinstance(param, click.Option) and (record := param.get_help_record(ctx)) is not None
        }
        named = [(title, [left.pop(name) for name in names if name in left]) for title, names in SECTIONS]
        named[-1][1].extend(left.values())
        for title, records in named:
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)
