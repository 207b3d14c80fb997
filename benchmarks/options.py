"""What `make bench` can be told."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """`rounds`: how often contestants take their turn. `quick`: less of everything, to see that it works.

    `live_seconds`: how long the camera is imitated; the growth over ten minutes needs 600.
    """

    rounds: int = 3
    quick: bool = False
    live_seconds: float = 60.0
    only: tuple[str, ...] = ()

    @property
    def frames(self) -> int:
        """Of the video that is recognised."""
        return 90 if self.quick else 300

    def seconds(self, full: float) -> float:
        return full / 3 if self.quick else full


def read(scripts: Sequence[str], argv: Sequence[str] | None = None) -> Options:
    """From the command line, or from ONLY, ROUNDS, QUICK and LIVE_SECONDS as `make` hands them on."""
    environment = os.environ
    quick_by_default = environment.get("QUICK", "") not in ("", "0")
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--only", default=environment.get("ONLY", ""), help="of " + ",".join(scripts))
    parser.add_argument("--quick", action="store_true", default=quick_by_default)
    parser.add_argument("--rounds", type=int, default=int(environment.get("ROUNDS") or 0))
    parser.add_argument("--live-seconds", type=float, default=float(environment.get("LIVE_SECONDS") or 0))
    given = parser.parse_args(argv)
    only = tuple(name for name in given.only.replace(",", " ").split() if name)
    if unknown := set(only) - set(scripts):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(scripts)}")
    return Options(
        rounds=given.rounds or (1 if given.quick else 3),
        quick=given.quick,
        live_seconds=given.live_seconds or (15.0 if given.quick else 60.0),
        only=only,
    )
