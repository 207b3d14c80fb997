"""Turbo: a faster int8 copy of a model. Which frames, how far it is, and what the copy is worth."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from desktop_app.core.turbo import FEWEST, STAGES, USUAL, TurboReport, frames_needed, stage_text
from desktop_app.gui import texts, turbo_texts
from desktop_app.gui.describe import source_title
from desktop_app.gui.dialog import button, button_row, make_dialog, sentence
from desktop_app.gui.drop import VIDEOS
from desktop_app.gui.session import Session
from desktop_app.gui.widgets import ElidedLabel, IconPlate, Label, ProgressBar
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m

INSTALL = 'pip install "regard[turbo]"'
MOST = 512
WIDTH = 560


def is_possible() -> bool:
    """NNCF is installed; only looked for, never imported in this process."""
    return importlib.util.find_spec("nncf") is not None


class TurboDialog(QDialog):
    """Shown beside the window, which stays usable. Closed while the work goes on, it lets it go on."""

    def __init__(self, session: Session, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = key
        self._session = session
        self._turbo = session.controller.turbo
        self._page: QWidget | None = None
        self._trouble: m.TurboFailed | None = None
        self._layout = make_dialog(self, tr("Turbo: {model}", model=key))
        self.setMinimumWidth(WIDTH)
        self._turbo.progressed.connect(self._progressed)
        self._turbo.done.connect(lambda report: self._ended(report.key))
        self._turbo.failed.connect(self._failed)
        self.show_state()

    def show_state(self) -> None:
        """The page that fits what is known now."""
        report = self._turbo.reports.get(self.key)
        if self._works:
            self._show(_WorkPage(self._turbo.cancel, self.close))
            self._progressed()
        elif report is not None and self._trouble is None:
            self._show(_ResultPage(report, self.use, self.keep, self.remove, self.ask))
        else:
            self.ask()

    def ask(self) -> None:
        if is_possible():
            self._show(_AskPage(self._session, self._trouble, self.make, self.close))
        else:
            self._show(_MissingPage(self.close))

    def make(self, specs: tuple[str, ...], count: int) -> None:
        self._trouble = None
        self._turbo.make(self.key, specs, count, self._session.preferences.values.confidence)
        self.show_state()

    def use(self) -> None:
        use_int8(self._session)
        self.close()

    def keep(self) -> None:
        """What runs is the full model, whatever ran before."""
        if self._session.preferences.values.precision == "int8":
            self._session.preferences.change(precision="auto")
        self.close()

    def remove(self) -> None:
        self._turbo.remove(self.key)
        self.keep()

    @property
    def _works(self) -> bool:
        return self._turbo.work is not None and self._turbo.work.key == self.key

    def _show(self, page: QWidget) -> None:
        if self._page is not None:
            self._layout.removeWidget(self._page)
            self._page.hide()
            self._page.deleteLater()
        self._page = page
        self._layout.addWidget(page)
        for each in page.findChildren(QPushButton):
            if each.isDefault():  # not on whatever comes first, which may delete something
                each.setFocus()
        self._fit()
        QTimer.singleShot(0, self, self._fit)

    def _fit(self) -> None:
        """Wrapped texts say how high they are only once they are shown, and for a width."""
        width = max(WIDTH, self.width() if self.isVisible() else 0)
        self._layout.activate()
        self.resize(width, self._layout.totalHeightForWidth(width))

    def _progressed(self) -> None:
        if self._works and isinstance(self._page, _WorkPage) and self._turbo.work is not None:
            self._page.show_work(self._turbo.work)
        elif self._works:
            self.show_state()

    def _failed(self, event: m.TurboFailed) -> None:
        if event.key == self.key:
            self._trouble = event if event.message else None
            self.show_state()

    def _ended(self, key: str) -> None:
        if key == self.key:
            self._trouble = None
            self.show_state()


def use_int8(session: Session) -> None:
    """int8 is for the CPU and OpenVINO; what asks for anything else goes back to automatic."""
    values, controller = session.preferences.values, session.controller
    if values.precision == "int8":
        controller.set_models(controller.asked)  # a network that is new is loaded anew
    session.preferences.change(
        precision="int8",
        engine="auto" if values.engine == "torch" else values.engine,
        device=values.device if values.device in ("auto", "cpu") else "auto",
    )


class _Page(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(12)


def _what_it_is() -> QWidget:
    return sentence(
        tr(
            "Turbo makes a copy of the model that computes in whole numbers of 8 bits: faster, and nearly the same. "
            "It learns the range of the numbers from frames of yours; none of them is kept."
        )
    )


class _MissingPage(_Page):
    def __init__(self, close: Callable[[], object]) -> None:
        super().__init__()
        self.column.addWidget(_what_it_is())
        if getattr(sys, "frozen", False):  # nothing can be added to a bundle
            text = tr("It needs the package NNCF, which is not in this Regard. Install another beside it, with Python:")
        else:
            text = tr("It needs the package NNCF, which is not installed. Type in a terminal:")
        self.column.addWidget(sentence(text))
        self.command = sentence(INSTALL)
        self.command.setObjectName("command")
        self.column.addWidget(self.command)
        self.column.addWidget(sentence(tr("Then start Regard again."), muted=True))
        self.column.addLayout(button_row(button(tr("Close"), close, primary=True)))


class _AskPage(_Page):
    """From where the frames come, and how many."""

    def __init__(
        self,
        session: Session,
        trouble: m.TurboFailed | None,
        make: Callable[[tuple[str, ...], int], None],
        close: Callable[[], object],
    ) -> None:
        super().__init__()
        self._controller = session.controller
        self._make = make
        self._chosen = ""
        self.column.addWidget(_what_it_is())
        if trouble is not None:
            self.column.addWidget(_warning(trouble.message, trouble.hint))
        self.running = QRadioButton()
        self.other = QRadioButton(tr("Frames of a folder or video"))
        self.column.addWidget(self.running)
        self.column.addWidget(self.other)
        self.column.addLayout(self._choosers())
        self.column.addLayout(self._counter())
        self.start = button(tr("Make int8 copy"), self._start, primary=True)
        self.column.addLayout(button_row(button(tr("Cancel"), close), self.start))
        for choice in (self.running, self.other):
            choice.toggled.connect(self._refresh)
        self._controller.source_changed.connect(self._source_changed)
        self._source_changed()
        (self.running if self._can_run else self.other).setChecked(True)
        self._refresh()

    @property
    def _can_run(self) -> bool:
        info = self._controller.info
        return self._controller.alive and info is not None and info.kind != "image"

    def _choosers(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(24, 0, 0, 0)
        row.setSpacing(8)
        self._folder = button(tr("Choose a folder…"), self._choose_folder)
        self._video = button(tr("Choose a video…"), self._choose_video)
        self._path = ElidedLabel("", "body", "muted")
        row.addWidget(self._folder)
        row.addWidget(self._video)
        row.addWidget(self._path, 1)
        return row

    def _counter(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.count = QSpinBox()
        self.count.setRange(FEWEST, MOST)
        self.count.setSingleStep(16)
        self.count.setValue(USUAL)
        self.count.setAccessibleName(tr("Frames to learn from"))
        self._more = Label("", "body", "muted", wrap=True)
        self.count.valueChanged.connect(self._refresh)
        row.addWidget(Label(tr("Frames to learn from")))
        row.addWidget(self.count)
        row.addWidget(self._more, 1)
        return row

    def _source_changed(self) -> None:
        info = self._controller.info
        title = source_title(info) if info is not None and self._can_run else ""
        self.running.setText(
            tr("Frames of what runs now: {title}", title=title) if title else tr("Frames of what runs now")
        )
        self.running.setEnabled(self._can_run)
        if not self._can_run:
            self.other.setChecked(True)
        self._refresh()

    def _refresh(self) -> None:
        for each in (self._folder, self._video, self._path):
            each.setEnabled(self.other.isChecked())
        more = frames_needed(self.count.value()) - self.count.value()
        self._more.setText(tr("and {count} more to compare", count=more))
        self.start.setEnabled(
            (self.running.isChecked() and self._can_run) or bool(self.other.isChecked() and self._chosen)
        )

    def choose(self, path: str) -> None:
        if path:
            self._chosen = path
            self._path.set_full_text(path)
            self.other.setChecked(True)
            self._refresh()

    def _choose_folder(self) -> None:
        self.choose(QFileDialog.getExistingDirectory(self, tr("Folder of pictures to learn from")))

    def _choose_video(self) -> None:
        suffixes = " ".join(f"*{suffix}" for suffix in sorted(VIDEOS))
        self.choose(QFileDialog.getOpenFileName(self, tr("Video to learn from"), "", suffixes)[0])

    def _start(self) -> None:
        info = self._controller.info
        if self.other.isChecked():
            specs: tuple[str, ...] = (self._chosen,)
        else:  # of a file all of it can be had, of a camera what comes
            specs = () if info is None or info.live else self._controller.specs
        self._make(specs, self.count.value())


class _WorkPage(_Page):
    def __init__(self, cancel: Callable[[], object], close: Callable[[], object]) -> None:
        super().__init__()
        self.title = Label("", "strong")
        self.bar = ProgressBar(tr("Progress"))
        self.detail = Label("", "small", "muted", wrap=True)
        self.column.addWidget(self.title)
        self.column.addWidget(self.bar)
        self.column.addWidget(self.detail)
        self.cancel = button(tr("Cancel"), cancel)
        self.column.addLayout(button_row(self.cancel, button(tr("Go on in the background"), close, primary=True)))

    def show_work(self, work: m.TurboProgress) -> None:
        place = STAGES.index(work.stage)
        part = work.done / work.total if work.total else 0.0
        self.title.setText(stage_text(work.stage))
        self.bar.set_fraction((place + part) / len(STAGES))
        if work.stage == "collect" and work.total:
            self.detail.setText(tr("{done} of {total} frames", done=work.done, total=work.total))
        else:
            self.detail.setText(tr("Recognition goes on meanwhile, somewhat slower."))


class _ResultPage(_Page):
    """Two columns, the full model and its copy, and what they agree on."""

    def __init__(
        self,
        report: TurboReport,
        use: Callable[[], object],
        keep: Callable[[], object],
        remove: Callable[[], object],
        again: Callable[[], object],
    ) -> None:
        super().__init__()
        self.verdict = Label(turbo_texts.verdict(report), "section", wrap=True)
        self.column.addWidget(self.verdict)
        self.column.addWidget(sentence(turbo_texts.evidence(report), muted=True))
        self.warning: QWidget | None = None
        if report.close is False:
            self.warning = _warning(
                tr("The copy sees some things otherwise."),
                tr("Compare both on your own pictures, or make it anew with more and other frames."),
            )
            self.column.addWidget(self.warning)
        self.column.addLayout(_table(report))
        self.use = button(tr("Use int8"), use, primary=bool(report.close))
        self.keep = button(tr("Keep the full model"), keep, primary=not report.close)
        self.remove = button(tr("Remove"), remove)
        self.again = button(tr("Make it anew…"), again)
        last: tuple[QPushButton, ...] = (self.keep, self.use) if report.close else (self.use, self.keep)
        row = button_row(*last)
        row.insertWidget(0, self.remove)
        row.insertWidget(1, self.again)
        self.column.addLayout(row)


def _table(report: TurboReport) -> QGridLayout:
    """Time of one frame in both precisions."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(2)
    columns = ((tr("Full model, {precision}", precision=report.usual), report.usual), (tr("int8 copy"), "int8"))
    for column, (caption, precision) in enumerate(columns):
        grid.addWidget(Label(caption, "caption", "muted"), 0, column)
        ms = report.ms.get(precision)
        value = Label("–" if ms is None else texts.milliseconds(ms), "count")
        value.setAccessibleName(f"{caption}: {value.text()}")
        grid.addWidget(value, 1, column)
        rate = "" if not ms else tr("{rate} frames/s at most", rate=texts.number(1000 / ms))
        grid.addWidget(Label(rate, "small", "muted"), 2, column)
    grid.addWidget(Label(turbo_texts.speed(report), "strong"), 1, 2, Qt.AlignmentFlag.AlignBottom)
    grid.setColumnStretch(2, 1)
    return grid


def _warning(message: str, hint: str) -> QWidget:
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(IconPlate("warning-fill", "warning", 20), 0, Qt.AlignmentFlag.AlignTop)
    column = QVBoxLayout()
    column.setSpacing(2)
    column.addWidget(Label(message, "strong", wrap=True))
    column.addWidget(sentence(hint, muted=True))
    row.addLayout(column, 1)
    return box
