"""Analyse a video, then ask where a class is to be seen."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QStringListModel, Qt, QTimer
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QListView, QVBoxLayout, QWidget

from desktop_app.core.progress import Progress
from desktop_app.gui import texts
from desktop_app.gui.analysis_state import Hit
from desktop_app.gui.hit_list import ClassRows, HitDelegate, HitModel
from desktop_app.gui.session import Session
from desktop_app.gui.video_tools import video_tools
from desktop_app.gui.widgets import EmptyState, Label, LabelledSlider, ProgressBar, SearchField, button
from desktop_app.i18n import tr, tr_class
from desktop_app.recogniser import analysis_wire as wire
from desktop_app.render.palette import PaletteName


class FindView(QWidget):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session, self._controller = session, session.controller
        tools = video_tools(session.controller)
        self.analysis, self._thumbnails = tools.analysis, tools.thumbnails
        self._known: dict[str, str] = {}
        """Class names in English, by what may be typed for them."""
        self.state = Label("", "small", "muted", wrap=True)
        self.bar = ProgressBar()
        self.start, self.cancel = button("", "primary"), button("")
        self.search = SearchField()
        self._words = QStringListModel(self)
        completer = QCompleter(self._words, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        words = QListView()
        words.setStyleSheet("padding: 4px;")
        completer.setPopup(words)
        self.search.setCompleter(completer)
        self.confidence = LabelledSlider("", 0.05, 0.95, 0.05, lambda v: texts.percent(v, 0), margin=0)
        self.confidence.set_value(0.25)
        self.count = Label("", "small", "muted", wrap=True)
        self.hits, self.classes = HitModel(self), ClassRows(self)
        self.list = QListView()
        self.list.setItemDelegate(HitDelegate(self.list, self._thumbnails, self._palette))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setModel(self.classes)
        self.empty = EmptyState("film-strip")
        self._assemble()
        self._connect(completer)
        texts.follow_language(self, self._retext)

    def _assemble(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.start, 1)
        buttons.addWidget(self.cancel, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 4, 14, 10)
        column.setSpacing(8)
        self.parts = (self.state, self.search, self.confidence, self.count, self.list)
        column.addWidget(self.empty, 1)
        column.addWidget(self.state)
        column.addWidget(self.bar)
        column.addLayout(buttons)
        for part in (self.search, self.confidence, self.count):
            column.addWidget(part)
        column.addWidget(self.list, 1)
        self.rest = QWidget()
        column.addWidget(self.rest, 1)

    def _connect(self, completer: QCompleter) -> None:
        self.start.clicked.connect(self.analysis.start)
        self.cancel.clicked.connect(self.analysis.cancel)
        self.search.textChanged.connect(lambda _: self._search())
        self.search.returnPressed.connect(self._first)
        completer.activated.connect(lambda _: QTimer.singleShot(0, self, self._search))
        self.confidence.value_changed.connect(lambda _: self._search())
        self.list.clicked.connect(self._chosen)
        self.list.activated.connect(self._chosen)
        self.analysis.changed.connect(self.refresh)
        self.analysis.progressed.connect(self._show_work)
        self.analysis.hits_changed.connect(self._show_hits)
        self.analysis.finished.connect(self._ended)
        self.analysis.playback.changed.connect(self.refresh)
        self._controller.source_changed.connect(self.refresh)
        self._controller.models_changed.connect(self.refresh)
        self._thumbnails.changed.connect(self.list.viewport().update)
        self._session.preferences.changed.connect(lambda names: self._search() if "top_k" in names else None)

    def _palette(self) -> PaletteName:
        return self._session.preferences.values.palette

    def _retext(self) -> None:
        self.search.set_placeholder(tr("Where is …? (dog, car …)"))
        self.confidence.set_name(tr("At least"))
        self.cancel.setText(tr("Cancel"))
        self.cancel.setAccessibleName(tr("Cancel the analysis"))
        self.bar.setAccessibleName(tr("Progress of the analysis"))
        self.list.setAccessibleName(tr("Where it is to be seen"))
        self._known.clear()
        self.refresh()

    # --- what there is ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        possible = self.analysis.possible or self.analysis.work is not None
        self.empty.setVisible(not possible)
        for part in self.parts:
            part.setVisible(possible)
        if not possible:
            self.empty.set_texts(
                tr("No video"),
                tr("Open a video: every frame of it can be analysed, and then be searched."),
            )
        self._show_work()
        self._learn_words()
        self._show_hits()

    def _show_work(self) -> None:
        work, share = self.analysis.work, self.analysis.share
        possible = self.analysis.possible
        first_time = not any(len(analysis.done) for analysis in self.analysis.analyses.values())
        missing = possible and share < 1.0
        self.start.setVisible(possible and work is None and missing)
        self.cancel.setVisible(work is not None)
        self.bar.setVisible(work is not None)
        searchable = possible and (not first_time or work is not None)
        for part in (self.search, self.confidence, self.count, self.list):
            part.setVisible(searchable)
        self.rest.setVisible(possible and not searchable)
        whole = self.analysis.playback.has_range
        start = tr("Go on with the analysis") if not first_time else tr("Analyse all")
        if whole:
            start = tr("Analyse the range")
        self.start.setText(start)
        self.start.setAccessibleName(start)
        models = ", ".join(self._controller.running)
        if work is None:
            self.state.setText(self._rest_text(share, first_time, models))
            return
        self.bar.set_fraction(work.fraction if work.stage == "ready" else None)
        self.state.setText(work_text(work, models))

    def _rest_text(self, share: float, first_time: bool, models: str) -> str:
        if first_time:
            return tr(
                "{model} looks at every frame while you go on watching. The results are kept, so that the video can be "
                "searched.",
                model=models,
            )
        if share >= 1.0:
            return tr("Analysed with {model}.", model=models)
        if self.analysis.playback.has_range:
            return tr("{share} of the range analysed with {model}.", share=texts.percent(share, 0), model=models)
        return tr("{share} analysed with {model}.", share=texts.percent(share, 0), model=models)

    def _ended(self, event: wire.Done | wire.Failed) -> None:
        notifier = self._session.notifier
        if isinstance(event, wire.Done):
            return
        if event.traceback:
            from desktop_app.recogniser.messages import Failure

            notifier.bug(Failure(event.message, event.traceback))
        else:
            notifier.error(event.message, event.hint, (tr("Retry"), self.analysis.start), answer=True)

    # --- searching --------------------------------------------------------------------------------------------------

    def _learn_words(self) -> None:
        """Each class by its English name and by that on the screen."""
        names = [name for model in self._controller.running.values() for name in model.names]
        known = {name.casefold(): name for name in names} | {tr_class(name).casefold(): name for name in names}
        if known != self._known:
            self._known = known
            words = {tr_class(name) for name in names} | set(names)
            self._words.setStringList(sorted(words, key=str.casefold))

    def _search(self) -> None:
        typed = self.search.text().strip().casefold()
        labels = [self._known[word] for part in typed.split(",") if (word := part.strip()) in self._known]
        self.analysis.search(
            tuple(dict.fromkeys(labels)), self.confidence.value(), self._session.preferences.values.top_k
        )
        self._show_hits()

    def _show_hits(self) -> None:
        analysis = self.analysis
        if analysis.query:
            self.hits.put(analysis.hits)
            self._use(self.hits)
            count = len(analysis.hits)
            self.count.setText(
                tr("Not seen.") if not count else tr("1 place") if count == 1 else tr("{count} places", count=count)
            )
            return
        self.classes.put(analysis.labels())
        self._use(self.classes)
        if self.search.text().strip():
            self.count.setText(tr("No model that runs knows such a class."))
        else:
            self.count.setText(tr("What is to be seen in it, most often first:") if self.classes.rowCount() else "")

    def _use(self, model: HitModel | ClassRows) -> None:
        if self.list.model() is not model:
            self.list.setModel(model)

    def _chosen(self, index: QModelIndex) -> None:
        if self.list.model() is self.classes:
            self.search.setText(tr_class(self.classes.label(index.row())))
            return
        self.analysis.go(self.hits.hit(index.row()))

    def _first(self) -> None:
        """Enter goes to the first place from here on."""
        self._search()
        hit = self.analysis.next_hit(1)
        if hit is not None:
            self.go(hit)

    def go(self, hit: Hit) -> None:
        self.analysis.go(hit)
        if hit in self.analysis.hits and self.list.model() is self.hits:
            index = self.hits.index(self.analysis.hits.index(hit))
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)

    def focus_search(self) -> None:
        (self.search if self.search.isVisible() else self.start).setFocus()
        self.search.selectAll()


def work_text(work: Progress, models: str) -> str:
    """ "1 204 of 5 400 frames · 62 frames/s · 1 min left"."""
    if work.stage != "ready" or not work.total:
        return tr("{model} is getting ready …", model=models)
    parts = [tr("{done} of {total} frames", done=texts.number(work.done), total=texts.number(work.total))]
    if work.rate > 0:
        parts.append(tr("{rate} frames/s", rate=texts.number(work.rate)))
    if work.seconds_left is not None:
        parts.append(tr("{time} left", time=texts.duration(work.seconds_left)))
    return " · ".join(parts)
