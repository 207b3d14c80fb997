"""Scores as in a lecture: logits, what softmax and sigmoid make of them, and where the answer stands in a tree."""

from __future__ import annotations

import math

from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.core.results import Classification
from desktop_app.core.scores import entropy, softmax
from desktop_app.core.taxonomy import Node, Taxonomy, taxonomy_of
from desktop_app.gui import texts
from desktop_app.gui.projecting import scale_texts
from desktop_app.gui.score_bars import ScoreBars, scores_of
from desktop_app.gui.score_history import ScoreHistory
from desktop_app.gui.session import Session
from desktop_app.gui.theme import theme
from desktop_app.gui.widgets import Label, LabelledSlider, paint_bar
from desktop_app.i18n import tr, tr_group

UPDATE_MS = 100
SHARPEST, FLATTEST = 0.2, 5.0


class TreePath(QWidget):
    """From the widest group to the class, each with what all classes below it share."""

    def __init__(self) -> None:
        super().__init__()
        self._path: list[Node] = []
        self._scale = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_scale(self, scale: float) -> None:
        """For the projector."""
        self._scale = scale
        self.updateGeometry()

    @property
    def _row(self) -> int:
        return QFontMetrics(theme().font("strong", self._scale)).height() + 8

    def show_path(self, path: list[Node]) -> None:
        taller = len(path) != len(self._path)
        self._path = path
        spoken = ", ".join(f"{tr_group(node.word)} {texts.percent(node.probability)}" for node in path)
        self.setAccessibleName(spoken)
        if taller:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(220, self._row * len(self._path))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            small, high = theme().font("small", self._scale), self._row
            number = QFontMetrics(small).horizontalAdvance(texts.percent(1.0)) + 6
            for place, node in enumerate(self._path):
                last = place == len(self._path) - 1
                painter.setFont(theme().font("strong", self._scale) if last else small)
                painter.setPen(theme().colour("text"))
                indent = min(place * 8, self.width() // 3)
                row = QRect(indent, place * high, self.width() - indent, high - 6)
                words = QRect(row.left(), row.top(), row.width() - number - 8, row.height())
                shown = painter.fontMetrics().elidedText(
                    tr_group(node.word), Qt.TextElideMode.ElideRight, words.width()
                )
                painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
                painter.setFont(small)
                painter.drawText(
                    row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, texts.percent(node.probability)
                )
                bar = QRectF(row.left(), row.bottom() + 1, row.width(), 3)
                paint_bar(painter, bar, node.probability, theme().colour("accent"))


class ScoresPanel(QWidget):
    """Of the classifier that is looked into; the temperature changes what is shown here, and nothing else."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._controller, self._state = session.controller, session.controller.explain
        self._seen: object = None
        self._kept: object = None
        self._trees: dict[str, Taxonomy | None] = {}
        self.bars = ScoreBars(coloured=False, alone=True)
        self.lecture = Label("", "small", "muted", wrap=True)
        self.temperature = LabelledSlider("", SHARPEST, FLATTEST, 0.05, lambda value: texts.number(value, 2))
        self.temperature.set_value(1.0)
        self.formula, self.explanation = Label("", "strong", wrap=True), Label("", "small", "muted", wrap=True)
        self.entropy, self.alone = Label("", "small", wrap=True), Label("", "small", "muted", wrap=True)
        self.tree_title, self.tree = Label("", "title", wrap=True), TreePath()
        self.history_title, self.history = Label("", "title", wrap=True), ScoreHistory()
        self.nothing = Label("", "small", "muted", wrap=True)
        self._assemble()
        self._clock = QTimer(self, interval=UPDATE_MS)
        self._clock.timeout.connect(self._refresh)
        self.temperature.value_changed.connect(lambda _: self._refresh(anew=True))
        texts.follow_language(self, self._retext)

    def _assemble(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 12)
        column.setSpacing(8)
        column.addWidget(self.bars)
        column.addWidget(self.temperature)
        holder = QVBoxLayout()
        holder.setContentsMargins(14, 0, 14, 0)
        holder.setSpacing(8)
        parts = (*self._words(), self.tree_title, self.tree, self.history_title, self.history, self.nothing)
        for part in parts:
            holder.addWidget(part)
        column.addLayout(holder)
        column.addStretch()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        for part in (inside, scroll.viewport()):
            part.setAutoFillBackground(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(scroll, 1)

    def _words(self) -> tuple[Label, ...]:
        return self.lecture, self.formula, self.explanation, self.entropy, self.alone

    def _retext(self) -> None:
        self.temperature.set_name(tr("Temperature T"))
        self.formula.setText("p = softmax(z / T)")
        self.alone.setText(tr("Thin bars: sigmoid σ(z), each class by itself, as if the others were not there."))
        self.explanation.setText(
            tr("Logits z stay as they are. The temperature only changes how they are turned into probabilities.")
        )
        self.tree_title.setText(tr("Rolled up the tree of words"))
        self.history_title.setText(tr("The last 30 seconds"))
        self.nothing.setText(tr("Scores are those of a classifier: run one, or choose it at the left."))
        self._refresh(anew=True)

    def set_scale(self, scale: float) -> None:
        """For the projector."""
        scale_texts(self, scale)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh(anew=True)
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()

    def _refresh(self, anew: bool = False) -> None:
        key = self._state.wish.model
        result = self._controller.results.get(key)
        if result is self._seen and not anew:
            return
        self._seen = result
        prediction = None if result is None else result.prediction
        classifies = isinstance(prediction, Classification)
        self.nothing.setVisible(not classifies)
        for part in (self.bars, self.temperature, *self._words()):
            part.setVisible(classifies)
        info = self._controller.info
        moves = classifies and info is not None and info.kind != "image"
        self.history_title.setVisible(moves)
        self.history.setVisible(moves)
        if not isinstance(prediction, Classification):
            self.tree_title.hide()
            self.tree.hide()
            return
        names = self._controller.names.get(key, ())
        logits = prediction.logits
        tempered = Classification(logits, softmax(logits, self.temperature.value()))
        scores, others, share = scores_of(tempered, names, self._session.preferences.values.top_k)
        self.bars.show_scores(scores, others, share)
        self.lecture.setText("; ".join(f"{score.label} ({texts.number(score.logit, 1)})" for score in scores[:5]))
        self.entropy.setText(
            tr(
                "Entropy {bits} bits of {most}",
                bits=texts.number(entropy(tempered.probabilities), 2),
                most=texts.number(math.log2(len(logits)), 2),
            )
        )
        self._show_tree(key, tempered, names)
        self.history.set_temperature(self.temperature.value())
        self.history.set_palette(self._session.preferences.values.palette)
        if result is not self._kept:
            self._kept = result
            self.history.add(logits, names)

    def _show_tree(self, key: str, tempered: Classification, names: tuple[str, ...]) -> None:
        if key not in self._trees:
            self._trees[key] = taxonomy_of(names)
        tree = self._trees[key]
        self.tree_title.setVisible(tree is not None)
        self.tree.setVisible(tree is not None)
        if tree is not None:
            self.tree.show_path(tree.path(tempered.probabilities, tempered.top(1)[0]))
