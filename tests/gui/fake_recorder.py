"""Stands in for the recorder: keeps what it was told, and the test says what it answers."""

from __future__ import annotations

from desktop_app.recording import messages as m


class FakeRecorder:
    """The `RecorderClient` protocol without a process."""

    def __init__(self) -> None:
        self.orders: list[m.ToRecorder] = []
        self.says: list[m.FromRecorder] = []
        self.stopped = False

    def start(self, job: m.Job) -> None:
        self.send(job)

    def send(self, order: m.ToRecorder) -> None:
        # What cannot travel must fail here too.
        assert m.to_recorder(m.encode(order)) == order
        self.orders.append(order)

    def poll(self) -> list[m.FromRecorder]:
        says, self.says = self.says, []
        return says

    def stop(self, timeout: float) -> None:
        self.stopped = True

    @property
    def job(self) -> m.Job:
        job = self.orders[0]
        assert isinstance(job, m.Job)
        return job

    def ends(self, reason: str = "stopped", frames: int = 300, message: str = "", dropped: int = 0) -> None:
        self.says.append(m.Done(self.job.path, reason, 12_000, frames, dropped, 3_400_000, message))
