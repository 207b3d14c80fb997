"""Entry of the program: the window, or the command line."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """`regard [FILE|URL|camera:N|demo:]` opens the window; `regard run|models|cameras|bench|doctor` need none."""
    multiprocessing.freeze_support()
    from desktop_app.cli import run_cli

    return run_cli(sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    sys.exit(main())
