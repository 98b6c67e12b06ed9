"""`diagnose completion`: the script with which a shell completes our commands, options and names."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import get_completion_class

PROGRAM, VARIABLE = "diagnose", "_DIAGNOSE_COMPLETE"


@click.command(short_help="The script with which a shell completes all this.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> Any:
    """Print the script with which SHELL completes commands, options, files, terms and scenarios.

    \b
    diagnose completion bash > ~/.diagnose-completion.bash    (source it in ~/.bashrc)
    diagnose completion zsh > ~/.zfunc/_diagnose       (a folder of $fpath, before compinit)
    diagnose completion fish > ~/.config/fish/completions/diagnose.fish
    """
    script = get_completion_class(shell)
    assert script is not None  # click has all three
    click.echo(script(context.find_root().command, {}, PROGRAM, VARIABLE).source())
