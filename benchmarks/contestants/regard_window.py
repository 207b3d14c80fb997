"""The real window with the real recogniser, driven from outside and looked at by `probes`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEventLoop, QSocketNotifier, QTimer

from benchmarks.contestants.probes import Heartbeat, ListeningClient, Painted
from benchmarks.contestants.serving import say, take_stdout, timed
from benchmarks.statistics import growth, median, percentile, steady_rate
from desktop_app.paths import config_dir

PATIENCE = 240.0


def wait_until(done: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Lets the window live until then."""
    loop = QEventLoop()
    timer = QTimer(loop, interval=20)
    until = time.perf_counter() + seconds
    timer.timeout.connect(lambda: loop.quit() if done() or time.perf_counter() > until else None)
    timer.start()
    loop.exec()
    timer.stop()


class Driver:
    def __init__(self, models: list[str]) -> None:
        settings = {"models": models, "theme": "dark", "language": "en", "loop": False}
        (config_dir() / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
        self.client, self.painted, self.heartbeat = ListeningClient(), Painted(), Heartbeat()
        from desktop_app.app import create_app

        self.app, self.window = create_app((), self.client)
        self.controller = self.painted.controller = self.window.controller
        self.models(models)

    def models(self, keys: list[str]) -> None:
        if list(self.controller.asked) != keys:
            self.controller.set_models(keys)
        wait_until(lambda: set(self.controller.running) == set(keys) or bool(self.client.failed))
        self._check()

    def _check(self) -> None:
        if self.client.failed:
            raise SystemExit(self.client.failed)

    def _open(self, source: str) -> None:
        self.client.forget()
        self.painted.forget()
        self.controller.open((source,))

    def go(self, action: str, **arguments: Any) -> dict[str, Any]:
        measured: dict[str, Any] = getattr(self, action)(**arguments)
        self.controller.close()
        wait_until(lambda: False, 0.3)
        self._check()
        return measured

    def file(self, source: str, speed: float = 8.0, skip: int = 20) -> dict[str, Any]:
        """A file to its end, faster than it can be recognised: what limits is the program."""
        self.controller.playback.set_every(True)
        self.controller.playback.set_loop(False)
        self.controller.playback.set_speed(speed)
        self._open(source)
        wait_until(lambda: self.client.ended)
        stamps = next(iter(self.client.stamps.values()))
        own = [max(stats.recognised_fps.values(), default=0.0) for stats in self.client.stats[2:-1]]
        return {
            "rate": steady_rate(stamps, skip),
            "frames": len(stamps),
            "shown": steady_rate(self.painted.stamps, skip),
            "own_number": median(own) if own else 0.0,
            "paint_ms": median(self.painted.milliseconds),
        }

    def live(self, source: str, seconds: float, models: list[str]) -> dict[str, Any]:
        """A live source for so long. Ages in ms; the first two seconds do not count."""
        self.models(models)
        self._open(source)
        wait_until(lambda: all(key in self.client.stamps for key in models))
        wait_until(lambda: False, 2.0)
        painted, late = self.painted, self.heartbeat
        before = self.client.stats[-1].dropped if self.client.stats else 0
        self.client.forget()
        painted.forget()
        late.start()
        wait_until(lambda: False, seconds)
        late.stop()
        shares = {"p50": 50.0, "p95": 95.0, "p99": 99.0, "p99.9": 99.9, "max": 100.0}

        def spread(values: list[float]) -> dict[str, float]:
            return {name: percentile(values, share) * 1e3 for name, share in shares.items()} if values else {}

        return {
            "picture": spread(painted.picture),
            "result": spread(painted.result),
            "result_at_any_painting": spread(painted.seen),
            "late": spread(late.late),
            "growth": growth(painted.result) * 1e3,
            "forward_ms": median(self.client.forward[models[0]]),
            "inputs": sorted(self.client.inputs),
            "dropped": self.client.stats[-1].dropped - before,
            "captured_fps": median([stats.captured_fps for stats in self.client.stats]),
            "recognised": len(self.client.stamps.get(models[0], ())) / seconds,
            "shown": len(painted.picture) / seconds,
        }


def main() -> None:
    answers = take_stdout()
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", required=True)
    driver = Driver(parser.parse_args().models.split(","))
    told = QSocketNotifier(0, QSocketNotifier.Type.Read)

    def obey() -> None:
        """The window lives on while it waits for its turn, or its recogniser would think it dead."""
        told.setEnabled(False)
        line = sys.stdin.readline()
        if not line:
            driver.window.close()
            driver.app.quit()
            return
        say(answers, timed(driver.go, line))
        told.setEnabled(True)

    told.activated.connect(obey)
    say(answers, {})
    driver.app.exec()
    driver.controller.stop()


if __name__ == "__main__":
    main()
