"""The command line: translates, nothing else.

Results go to stdout, progress and errors to stderr. Nothing heavy is imported before a command runs,
so that `diagnose --help` answers at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from diagnose import __version__
from diagnose.errors import DiagnoseError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.engine import EngineOptions
    from diagnose.settings import Settings

ENGINE_OPTIONS = ("memory_limit", "threads", "temp_dir", "engine", "spark_remote", "spark_master")
EXIT_BUG, EXIT_MATCHED, EXIT_RESOURCES, EXIT_INTERRUPTED = 1, 4, 6, 130


class DiagnoseGroup(click.Group):
    """The only place where errors meet the user."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; end with the error's own exit code."""
        try:
            return super().invoke(ctx)
        except DiagnoseError as error:
            _end(str(error), error.exit_code, error)
        except MemoryError as error:
            _end("Out of memory.\nTry:   fewer users (--users 5000), or --no-trial.", EXIT_RESOURCES, error)
        except KeyboardInterrupt as error:
            _end("Interrupted: no report was written.", EXIT_INTERRUPTED, error)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if os.environ.get("DIAGNOSE_DEBUG"):
                raise
            _end(_bug(error), EXIT_BUG, error)


def _end(message: str, code: int, error: BaseException) -> None:
    from diagnose.formatting import printable

    click.echo(printable(message, longest=20_000), err=True)
    raise SystemExit(code) from error


def _bug(error: Exception) -> str:
    return (
        f"This is a bug of ours: {type(error).__name__}: {error}\n"
        "Try:   the same command with DIAGNOSE_DEBUG=1 in the environment shows where; please report it."
    )


@click.group(
    cls=DiagnoseGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="diagnose")
def main() -> None:
    """Is a sequence model worth building on our log?

    \b
    diagnose analyze logs.parquet          a verdict, and a report under reports/
    diagnose inspect logs.parquet          how the columns are read, how clean the log is
    diagnose simulate ecommerce --out e.parquet    a log with planted truth to try it on
    """


_COLUMN_HELP = (
    "Say which column plays a role, e.g. timestamp=when. Roles: user, item, timestamp or position, \
category, event, session, label, series, ordinal, source, duration, rating."
)


def _log_options(command: Any) -> Any:
    """The options that every command that reads a log takes."""
    options = (
        click.argument("logs", nargs=-1, required=True, metavar="LOG..."),
        click.option("--column", "columns", multiple=True, metavar="ROLE=NAME", help=_COLUMN_HELP),
        click.option(
            "--users",
            default="20000",
            show_default=True,
            metavar="N|all",
            help="Users looked at, sampled whole.",
        ),
        click.option(
            "--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Seed of every draw."
        ),
        click.option(
            "--memory-limit",
            metavar="SIZE",
            help="Memory for sorting, e.g. 4GB; what does not fit is spilled.  [default: half the machine's]",
        ),
        click.option(
            "--threads",
            type=click.IntRange(min=1),
            help="Threads that sort, count and probe.  [default: all cores]",
        ),
        click.option(
            "--temp-dir",
            type=click.Path(file_okay=False, path_type=Path),
            help="Folder for what is spilled.  [default: the system's]",
        ),
        click.option(
            "--engine",
            type=click.Choice(["duckdb", "spark"]),
            help="What reads LOG.  [default: duckdb, or spark where one of the next two is given]",
        ),
        click.option(
            "--spark-remote",
            metavar="URL",
            help="A Spark Connect server, sc://host:15002; LOG is a table or path.",
        ),
        click.option(
            "--spark-master",
            metavar="URL",
            help="A Spark master, spark://host:7077, yarn or local[2]; likewise.",
        ),
        click.option("--quiet", "-q", is_flag=True, help="No progress on stderr."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@main.command()
@_log_options
@click.option(
    "--sampled-fraction",
    type=click.FloatRange(min=0, min_open=True, max=1),
    default=1.0,
    show_default=True,
    metavar="SHARE",
    help="Share of the platform's users that LOG holds, where it is a sample of whole users.",
)
@click.option("--target", metavar="EVENT", help="Predict only events of this kind; all events stay history.")
@click.option(
    "--capture-rate", metavar="SHARE|LOW:HIGH", help="Share of behaviour the log holds, if you know it."
)
@click.option(
    "--loss-pattern",
    type=click.Choice(["events", "sessions", "categories", "unknown"]),
    default="unknown",
    show_default=True,
    help="What is lost where the log misses behaviour.",
)
@click.option("--trial/--no-trial", default=True, show_default=True, help="Train DIEN against the DNN.")
@click.option(
    "--budget",
    type=click.Choice(["quick", "standard", "thorough"]),
    default="standard",
    show_default=True,
    help="What the trial may spend: about 2 minutes, 5 minutes, or hours.",
)
@click.option(
    "--minimum-lift",
    type=click.FloatRange(min=0, min_open=True, max=0.5),
    default=0.003,
    show_default=True,
    metavar="GAUC",
    help="The smallest lift that would pay for a sequence model.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("reports"),
    show_default=True,
    help="Folder of the reports.",
)
@click.option("--fail-on", metavar="OUTCOME[,OUTCOME]", help="Exit with 4 where the verdict is one of these.")
def analyze(logs: tuple[str, ...], *, out: Path, fail_on: str | None, quiet: bool, **options: Any) -> None:
    """Diagnose LOG... (files, folders, globs, URLs, a table) and write an HTML and a JSON report.

    \b
    diagnose analyze logs.parquet
    diagnose analyze s3://bucket/events/
    diagnose analyze shop.duckdb::events
    diagnose analyze 'events/*.csv.gz' --column user=uid --column timestamp=when
    diagnose analyze clicks.parquet --target purchase --capture-rate 0.05:0.2 --budget quick
    diagnose analyze shop.events --spark-remote sc://cluster:15002
    """
    from diagnose import pipeline, screen

    matched = _outcomes(fail_on)
    reading = _engine(**{name: options.pop(name) for name in ENGINE_OPTIONS})
    settings = _settings(**{name: value for name, value in options.items() if name != "columns"})
    with _progress(quiet) as listener:
        diagnosis = pipeline.analyze(
            logs,
            columns=_columns(options["columns"]),
            settings=settings,
            listener=listener,
            options=reading,
        )
        written = diagnosis.write(out, _stem(logs))
    screen.tell(diagnosis.result, written)
    if diagnosis.verdict.outcome in matched:
        raise SystemExit(EXIT_MATCHED)


@main.command()
@_log_options
def inspect(
    logs: tuple[str, ...], *, columns: tuple[str, ...], users: str, seed: int, quiet: bool, **engine: Any
) -> None:
    """Show how LOG... is read and how clean it is, in seconds.

    \b
    diagnose inspect logs.parquet
    diagnose inspect clicks.csv --column item=sku
    """
    from diagnose import pipeline, screen

    with _progress(quiet) as listener:
        found = pipeline.inspect(
            logs,
            columns=_columns(columns),
            settings=_settings(users=users, seed=seed),
            listener=listener,
            options=_engine(**engine),
        )
    screen.tell_inspection(found.mapping.items(), found.log, found.hygiene)


@main.command()
@click.argument("scenario")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help=".parquet, .csv or .jsonl file.",
)
@click.option("--users", type=click.IntRange(min=2), help="Users of the world.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Seed of every draw.")
def simulate(scenario: str, *, out: Path, users: int | None, seed: int) -> None:
    """Write a log with planted truth, and the truth as JSON beside it.

    \b
    Scenarios: ecommerce, long_video, trend_only, stable, sticky_sessions, day_only.
    diagnose simulate ecommerce --out shop.parquet
    diagnose simulate stable --users 500 --seed 3 --out small.csv
    """
    from diagnose import simulate as worlds

    for path in worlds.write(worlds.world(scenario, users=users, seed=seed), out):
        click.echo(f"wrote {path}")


def _columns(pairs: Iterable[str]) -> dict[str, str]:
    """'role=name' pairs; the name may hold '=' itself."""
    chosen: dict[str, str] = {}
    for pair in pairs:
        role, separator, name = pair.partition("=")
        if not separator or not role:
            raise UsageError("--column takes ROLE=NAME.", seen=repr(pair), attempt="--column timestamp=when")
        if role in chosen:
            raise UsageError(
                f"--column names the role {role!r} twice.",
                seen=f"{chosen[role]!r} and {name!r}",
                attempt="one of them",
            )
        chosen[role] = name
    return chosen


def _outcomes(names: str | None) -> frozenset[str]:
    from typing import get_args

    from diagnose.results import Outcome

    wanted = frozenset(name.strip() for name in (names or "").split(",") if name.strip())
    if unknown := wanted - set(get_args(Outcome)):
        raise UsageError(
            f"--fail-on does not know {', '.join(sorted(unknown))}.", attempt=", ".join(get_args(Outcome))
        )
    return wanted


def _settings(*, users: str, seed: int, **options: Any) -> Settings:
    """The options as settings; what is not given keeps its default and its reason."""
    from diagnose.settings import Settings

    return Settings.from_options(users=users, seed=seed, **options)


def _engine(*, memory_limit: str | None, temp_dir: Path | None, **options: Any) -> EngineOptions:
    from diagnose.engine import EngineOptions, parse_memory

    memory = parse_memory(memory_limit) if memory_limit else None
    return EngineOptions(memory_bytes=memory, temp_directory=temp_dir, **options)


@contextmanager
def _progress(quiet: bool) -> Iterator[Any]:
    from diagnose.progress import Screen

    with Screen(quiet=quiet) as listener:
        yield listener


def _stem(logs: tuple[str, ...]) -> str:
    """The report's file name: the log's own without its endings, and nothing that is no file name."""
    from diagnose.engine.addresses import stem  # no secret of a URL in it

    name = stem(logs[0])
    kept = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name).strip("-")
    return kept[:80] or "log"
