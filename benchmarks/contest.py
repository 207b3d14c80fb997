"""Contestants: each a process of its own, loaded and warm, that works when it is told to and rests otherwise.

So no library changes what another one does (ultralytics sets the threads of OpenMP and OpenCV when it is imported),
and contestants can take turns within one run.
"""

from __future__ import annotations

import itertools
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from benchmarks import paths

PATIENCE = 300.0
"""Seconds after which a contestant that says nothing has failed."""


_numbers = itertools.count(1)


class ContestantFailed(Exception):
    pass


class Contestant:
    """`module`: a file of `benchmarks/contestants`, started with `arguments`."""

    def __init__(self, module: str, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self._command = [sys.executable, "-m", f"benchmarks.contestants.{module}", *arguments]
        self._environment = {**os.environ, **paths.ENVIRONMENT, **(environment or {})}
        self._log = paths.cache() / "log" / f"{module}-{next(_numbers)}.txt"
        self.facts: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=self._environment,
                cwd=paths.ROOT,
            )
        try:
            self.facts = self._answer(PATIENCE)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.close()
            self._process.wait(15)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def go(self, patience: float = PATIENCE, **arguments: Any) -> dict[str, Any]:
        """Works once and returns what it measured."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(arguments).encode() + b"\n")
        self._process.stdin.flush()
        return self._answer(patience)

    def _answer(self, patience: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        deadline = time.monotonic() + patience
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self._process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(self._process.stdout.fileno(), 1 << 16) if ready else b""
            if not chunk:
                raise ContestantFailed(f"{' '.join(self._command[2:4])}: {self._last_words()}")
            line += chunk
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _last_words(self) -> str:
        lines = [line for line in self._log.read_text(errors="replace").splitlines() if line.strip()]
        return lines[-1].strip()[:300] if lines else "no answer"


@dataclass(slots=True)
class Turn:
    """What one contestant does in each round. `answers`: what it measured, a round each."""

    name: str
    contestant: Contestant
    arguments: dict[str, Any] = field(default_factory=dict)
    answers: list[dict[str, Any]] = field(default_factory=list)

    def values(self, what: str = "rate") -> list[float]:
        return [float(answer[what]) for answer in self.answers]


def alternate(turns: Sequence[Turn], rounds: int) -> None:
    """A B C, A B C, …"""
    for number in range(rounds):
        for turn in turns:
            answer = turn.contestant.go(**turn.arguments)
            turn.answers.append(answer)
            told = ", ".join(f"{key} {value:.4g}" for key, value in answer.items() if isinstance(value, int | float))
            print(f"  round {number + 1} of {rounds}: {turn.name}: {told}", file=sys.stderr, flush=True)


def enter_all(
    stack: ExitStack, contestants: Iterable[tuple[str, Contestant]]
) -> tuple[dict[str, Contestant], dict[str, str]]:
    """Starts them one after the other. What could not be started is named with the reason; the others go on."""
    running: dict[str, Contestant] = {}
    failed: dict[str, str] = {}
    for name, contestant in contestants:
        try:
            running[name] = stack.enter_context(contestant)
        except ContestantFailed as error:
            failed[name] = str(error)
            print(f"  {name} could not be started: {error}", file=sys.stderr, flush=True)
    return running, failed


def raw(turns: Sequence[Turn]) -> dict[str, list[dict[str, Any]]]:
    return {turn.name: turn.answers for turn in turns}
