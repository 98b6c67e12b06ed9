"""What commands have in common: the options of reading a log, and their translation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from diagnose.cli import completing, configuration
from diagnose.errors import UsageError

if TYPE_CHECKING:
    from diagnose.engine import EngineOptions
    from diagnose.settings import Settings

ENGINE_OPTIONS = ("memory_limit", "threads", "temp_dir", "engine", "spark_remote", "spark_master")
COLUMN_HELP = "Say which column plays a role, e.g. timestamp=when. Roles: user, item, timestamp or position, \
category, event, session, label, request, series, ordinal, source, duration, rating."

PRESET_HELP = (
    "Read LOG as a well-known public log is published: movielens, mind, taobao-userbehavior and more, \
listed in docs/presets.md. --column goes before it."
)


def log_options(command: Any) -> Any:
    """The options that every command that reads a log takes."""
    options = (
        click.argument("logs", nargs=-1, required=True, metavar="LOG...", shell_complete=completing.paths),
        click.option(
            "--column",
            "columns",
            multiple=True,
            metavar="ROLE=NAME",
            shell_complete=completing.roles,
            help=COLUMN_HELP,
        ),
        click.option("--preset", metavar="NAME", shell_complete=completing.presets, help=PRESET_HELP),
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
        click.option("--quiet", "-q", is_flag=True, help="Nothing on stderr but errors."),
        click.option("--verbose", "-v", is_flag=True, help="Tell what each stage took and came to."),
        configuration.config_options,
    )
    for option in reversed(options):
        command = option(command)
    return command


def target_option(command: Any) -> Any:
    """Which events are predicted."""
    return click.option(
        "--target", metavar="EVENT", help="Predict only events of this kind; all events stay history."
    )(command)


def trial_options(command: Any) -> Any:
    """The options of the trial that every command that runs one takes."""
    options = (
        click.option(
            "--budget",
            type=click.Choice(["quick", "standard", "thorough"]),
            default="standard",
            show_default=True,
            help="What the trial may spend: about 2 minutes, 5 minutes, or hours.",
        ),
        click.option(
            "--minimum-lift",
            type=click.FloatRange(min=0, min_open=True, max=0.5),
            default=0.003,
            show_default=True,
            metavar="GAUC",
            help="The smallest lift that would pay for a sequence model.",
        ),
        click.option(
            "--repeats",
            type=click.Choice(["include", "exclude", "only"]),
            default="include",
            show_default=True,
            help="Whether the trial predicts items that the user had before; all events stay history.",
        ),
        click.option(
            "--device",
            type=click.Choice(["auto", "cpu", "cuda"]),
            default="auto",
            show_default=True,
            help="Where the trial trains; auto is cuda where PyTorch sees a GPU that works.",
        ),
        click.option(
            "--keep",
            type=click.Path(file_okay=False, path_type=Path),
            metavar="FOLDER",
            help="Keep each finished training here, and take over what an interrupted run has left.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def out_option(command: Any) -> Any:
    """Where reports go."""
    return click.option(
        "--out",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("reports"),
        show_default=True,
        help="Folder of the reports.",
    )(command)


def markdown_option(command: Any) -> Any:
    """The report as Markdown, beside its page."""
    return click.option(
        "--markdown", is_flag=True, help="Also write the verdict as Markdown (.md), for a pull request."
    )(command)


def results_argument(number: int) -> Callable[[Any], Any]:
    """So many kept results; -1 is any number of them."""
    return click.argument(
        "results",
        nargs=number,
        required=True,
        type=click.Path(path_type=Path),  # whether it is there is told of all files at once
        shell_complete=completing.paths,
        metavar="RESULT.json..." if number == -1 else "A.json B.json",
    )


def columns(pairs: Iterable[str]) -> dict[str, str]:
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
    return configuration.with_columns(chosen)


def outcomes(names: str | None) -> frozenset[str]:
    """'outcome,outcome' as a set. Raises UsageError for one that does not exist."""
    import difflib
    from typing import get_args

    from diagnose.results import Outcome

    known = get_args(Outcome)
    wanted = frozenset(name.strip() for name in (names or "").split(",") if name.strip())
    if unknown := sorted(wanted - set(known)):
        meant = [difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0] for name in unknown]
        raise UsageError(
            f"--fail-on does not know {', '.join(unknown)}. Outcomes are {', '.join(known)}.",
            attempt=f"--fail-on {','.join(dict.fromkeys(meant))}",
        )
    return wanted


def settings(*, users: str, seed: int, **options: Any) -> Settings:
    """The options as settings; what is not given keeps its default and its reason."""
    from diagnose.settings import Settings

    return configuration.with_settings(Settings.from_options(users=users, seed=seed, **options))


def engine(*, memory_limit: str | None, temp_dir: Path | None, **options: Any) -> EngineOptions:
    """The options of reading as the engine takes them."""
    from diagnose.engine import EngineOptions, parse_memory

    memory = parse_memory(memory_limit) if memory_limit else None
    return EngineOptions(memory_bytes=memory, temp_directory=temp_dir, **options)


@contextmanager
def progress(*, quiet: bool, verbose: bool) -> Iterator[Any]:
    """A listener that tells on stderr how far things are. Raises UsageError for both at once."""
    if quiet and verbose:
        raise UsageError("--quiet and --verbose exclude each other.", attempt="one of them, or neither")
    from diagnose.progress import Screen

    if not quiet:
        configuration.tell()
    with Screen(quiet=quiet, verbose=verbose) as listener:
        yield listener


def stem(logs: tuple[str, ...]) -> str:
    """The report's file name: the log's own without its endings, and nothing that is no file name."""
    from diagnose.engine.addresses import stem  # no secret of a URL in it

    name = stem(logs[0])
    kept = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name).strip("-")
    return kept[:80] or "log"
