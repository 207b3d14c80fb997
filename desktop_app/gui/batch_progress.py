"""How far a batch is, what was known of it before, and the buttons that hold it, end it and go on."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.gui import texts
from desktop_app.gui.batch_model import BatchModel
from desktop_app.gui.batch_run import BatchRun
from desktop_app.gui.pipeline_controller import PipelineController
from desktop_app.gui.widgets import Label, ProgressBar, button
from desktop_app.i18n import tr


class BatchProgress(QWidget):
    """Hidden where there is nothing to say: all is done, and nothing was known before."""

    def __init__(self, model: BatchModel, run: BatchRun, controller: PipelineController) -> None:
        super().__init__()
        self._model, self._run, self._controller = model, run, controller
        self.bar = ProgressBar()
        self.done, self.left = Label("", "strong"), Label("", "small", "muted")
        self.pause, self.cancel, self.go_on = button("", "link"), button("", "link"), button("", "link")
        self.known, self.anew = Label("", "small", "muted"), button("", "link")
        self._line = QWidget()
        line = QHBoxLayout(self._line)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(10)
        line.addWidget(self.bar, 1)
        for each in (self.done, self.left, self.pause, self.cancel, self.go_on):
            line.addWidget(each)
        self._past = QWidget()
        past = QHBoxLayout(self._past)
        past.setContentsMargins(0, 0, 0, 0)
        past.setSpacing(6)
        past.addWidget(self.known)
        past.addWidget(self.anew)
        past.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._line)
        column.addWidget(self._past)
        self.pause.clicked.connect(controller.toggle_pause)
        self.cancel.clicked.connect(run.stop)
        self.go_on.clicked.connect(run.go_on)
        self.anew.clicked.connect(run.anew)
        model.progressed.connect(self.show_progress)
        controller.models_changed.connect(self.show_progress)
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self.bar.setAccessibleName(tr("Progress of the batch"))
        self.cancel.setText(tr("Cancel"))
        self.go_on.setText(tr("Go on"))
        self.anew.setText(tr("Recognise all anew"))
        self.show_progress()

    def show_progress(self) -> None:
        model, run = self._model, self._run
        done, total = texts.number(model.done), texts.number(model.found)
        going = run.running
        stopped = not going and model.left > 0
        self._line.setVisible(bool(run.title) and (going or stopped))
        self.bar.set_fraction(model.done / model.found if model.total and model.found else 0.0 if stopped else None)
        if model.total is None and going:
            self.done.setText(tr("{count} pictures found so far", count=total))
        else:
            self.done.setText(tr("{done} of {total}", done=done, total=total))
        self.left.setText(self._left(stopped))
        self.pause.setText(tr("Go on") if run.paused else tr("Pause"))
        for shown, parts in ((going, (self.pause, self.cancel)), (stopped, (self.go_on,))):
            for part in parts:
                part.setVisible(shown)
        known = model.known
        self._past.setVisible(known > 0)
        if known:
            text = tr("{known} of {total} were known from before.", known=texts.number(known), total=total)
            self.known.setText(text)

    def _left(self, stopped: bool) -> str:
        if stopped:
            return tr("stopped")
        if self._run.paused:
            return tr("paused")
        if not self._controller.running:
            return tr("waiting for a model")
        left = self._model.seconds_left
        return "" if left is None else tr("{time} left", time=texts.duration(left))
