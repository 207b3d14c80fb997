"""The command line. Results go to standard output, everything else to standard error."""

from __future__ import annotations

import io
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from desktop_app import __version__, i18n
from desktop_app.errors import AppError
from desktop_app.i18n import tr
from desktop_app.paths import log_dir

if TYPE_CHECKING:
    import argparse

DONE, SOME_FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


class UsageError(AppError):
    """The command was called wrongly; the exit status is 2."""


def _parser() -> argparse.ArgumentParser:
    import argparse

    parser = argparse.ArgumentParser(
        prog="regard",
        description=tr("Recognises what a camera or a file shows. Without a command: opens the window."),
        epilog=tr("regard [FILE|URL|camera:N|demo:] opens the window on it."),
    )
    parser.add_argument("--version", action="version", version=f"regard {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="run|analyse|models|cameras|bench|doctor")
    from desktop_app.cli import analyse, bench, cameras, doctor, models, run

    for module in (run, analyse, models, cameras, bench, doctor):
        module.add_arguments(commands)
    return parser


COMMANDS = ("run", "analyse", "models", "cameras", "bench", "doctor")


def _wants_window(arguments: Sequence[str]) -> bool:
    return not arguments or (arguments[0] not in COMMANDS and not arguments[0].startswith("-"))


def _open_window(sources: Sequence[str]) -> int:
    try:
        from desktop_app.app import run
    except ImportError as error:
        # PySide6 is there, but a library of the system that it needs is not.
        raise AppError(
            tr("The window cannot be opened: {reason}.", reason=error),
            tr("“regard doctor” names the system libraries that are missing."),
        ) from error
    return run(sources)


def tell(error: AppError) -> None:
    """A sentence and a hint on standard error."""
    print(f"regard: {error}", file=sys.stderr)


def _speak_utf8() -> None:
    """JSON is UTF-8 whatever the locale says; a terminal that cannot show a letter gets its escape, not an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")


def _own_up(error: Exception) -> int:
    """A bug of the program: one sentence for the user, the traceback for the log."""
    path = log_dir() / "command-line.log"
    with path.open("a", encoding="utf-8", errors="backslashreplace") as log:
        traceback.print_exception(error, file=log)
    tell(
        AppError(
            tr("An unexpected error: {error}.", error=f"{type(error).__name__}: {error}"),
            tr("Details are in {path}.", path=path),
        )
    )
    return SOME_FAILED


def run_cli(arguments: Sequence[str]) -> int:
    """Runs one command and returns the exit status: 0 done, 1 some sources failed, 2 wrong usage, 130 interrupted."""
    i18n.set_language("system")
    _speak_utf8()
    try:
        if _wants_window(arguments):
            return _open_window(arguments)
        options = _parser().parse_args(arguments)
        if options.command is None:
            return _open_window(())
        from desktop_app.recogniser.environment import secure_environment
        from desktop_app.recogniser.memory import keep_pictures

        secure_environment()
        keep_pictures()
        answer: Callable[[argparse.Namespace], int] = options.answer
        return answer(options)
    except UsageError as error:
        tell(error)
        return WRONG_USAGE
    except AppError as error:
        tell(error)
        return SOME_FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`regard run … | head`). Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE if hasattr(signal, "SIGPIPE") else SOME_FAILED
    except Exception as error:
        return _own_up(error)
