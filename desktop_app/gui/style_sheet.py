"""The part of the look that a palette cannot say: radii, edges, focus rings, sliders, scroll bars."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template

from desktop_app.paths import resource_path

# A focus ring is 2 pixels inside the edge; padding shrinks by what the border grows, so that nothing moves.
_SHEET = Template("""
QToolTip { background: $raised; color: $text; border: 1px solid $line2; padding: 4px 6px; }
QMainWindow, QDialog { background: $window; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QDockWidget { color: $text; }
QMenuBar { background: $window; padding: 0 10px; min-height: 20px; }
QMenuBar::item { padding: 4px 10px; border-radius: 6px; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $raised; border: 1px solid $line2; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 10px; border-radius: 6px; min-height: 18px; }
QMenu::item:selected { background: $soft; }
QMenu::item:disabled { color: $faint; }
QMenu::icon { padding-left: 8px; }
QMenu::separator { height: 1px; background: $line; margin: 4px 6px; }
QToolBar { background: $window; border: none; border-bottom: 1px solid $line; spacing: 4px; padding: 10px; }
QToolBar::separator { background: $line; width: 1px; margin: 8px 6px; }
QStatusBar { background: $window; border-top: 1px solid $line; min-height: 27px; }
QStatusBar::item { border: none; }

QToolButton { background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 6px; }
QToolButton:hover { background: $hover; }
QToolButton:pressed { background: $line2; }
QToolButton:checked { background: $soft; }
QToolButton:focus { border: 2px solid $accent; padding: 5px; }
QToolButton::menu-indicator { image: none; }

QPushButton { background: $raised; color: $text; border: 1px solid $line2; border-radius: 6px; padding: 0 13px;
  min-height: 30px; }
QPushButton[kind="drop"] { text-align: left; }
QPushButton:hover { background: $hover; }
QPushButton:pressed, QPushButton:checked { background: $soft; }
QPushButton:disabled { color: $faint; }
QPushButton:focus { border: 2px solid $accent; padding: 0 12px; min-height: 28px; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border: 1px solid $accent; font-weight: 600; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; }
QPushButton[kind="primary"]:disabled { background: $track; color: $faint; border-color: $track; }
QPushButton[kind="link"] { background: transparent; color: $accent; border: 1px solid transparent; font-weight: 600;
  padding: 0 7px; }
QPushButton[kind="link"]:hover { background: $hover; }
QPushButton[kind="link"]:focus { border: 2px solid $accent; padding: 0 6px; }
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox { background: $raised; color: $text; border: 1px solid $ctl;
  border-radius: 6px; padding: 0 8px; min-height: 30px; selection-background-color: $accent;
  selection-color: $on_accent; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus { border: 2px solid $accent; padding: 0 7px;
  min-height: 28px; }
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled { color: $faint;
  border-color: $line2; }
QComboBox { padding-right: 26px; }
QComboBox:focus { padding-right: 25px; }
QComboBox::drop-down { border: none; width: 26px; }
QComboBox::down-arrow { image: url($icons/caret-down-$theme.svg); width: 14px; height: 14px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line2; selection-background-color: $soft;
  selection-color: $text; outline: 0; padding: 4px; }
QSpinBox, QDoubleSpinBox { padding-right: 24px; min-width: 48px; }
QSpinBox::up-button, QDoubleSpinBox::up-button { border: none; width: 20px; subcontrol-position: top right; }
QSpinBox::down-button, QDoubleSpinBox::down-button { border: none; width: 20px; subcontrol-position: bottom right; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url($icons/caret-up-$theme.svg); width: 12px; height: 12px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: url($icons/caret-down-$theme.svg); width: 12px;
  height: 12px; }

QCheckBox, QRadioButton { spacing: 8px; min-height: 28px; border: 2px solid transparent; border-radius: 6px;
  padding: 0 4px; }
QCheckBox:focus, QRadioButton:focus { border: 2px solid $accent; }
QCheckBox::indicator, QRadioButton::indicator { width: 16px; height: 16px; border: 1px solid $ctl;
  background: $raised; }
QCheckBox::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: 9px; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent;
  image: url($icons/check-on-$theme.svg); }
QRadioButton::indicator:checked { border: 5px solid $accent; width: 8px; height: 8px; background: $on_accent; }
QCheckBox:disabled, QRadioButton:disabled { color: $faint; }

QSlider { min-height: 28px; background: transparent; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $track; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::sub-page:horizontal:disabled { background: $line2; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -6px 0; border-radius: 8px;
  background: $knob; border: 2px solid $knob_edge; }
QSlider::handle:horizontal:focus { border: 2px solid $accent; background: $knob_focus; }
QSlider::handle:horizontal:disabled { background: $track; border-color: $track; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $track; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $line2; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QAbstractItemView { background: $panel; border: 2px solid transparent; outline: 0; }
QAbstractItemView:focus { border: 2px solid $accent; }
QHeaderView::section { background: $panel; color: $muted; border: none; border-bottom: 1px solid $line;
  padding: 4px 6px; font-weight: 400; }
QTabBar::tab { background: transparent; color: $muted; padding: 7px 12px; border: 2px solid transparent; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:hover { background: $hover; }
QTabBar:focus { border: 2px solid $accent; }
QTabWidget::pane { border: none; border-top: 1px solid $line; }
QPlainTextEdit, QTextEdit, QTextBrowser { background: $raised; border: 1px solid $ctl; border-radius: 6px; }
QPlainTextEdit:focus, QTextEdit:focus, QTextBrowser:focus { border: 2px solid $accent; }
QScrollArea { background: transparent; border: none; }
QSplitter::handle { background: $line; }
""")


def style_sheet(tokens: Mapping[str, str], dark: bool) -> str:
    """`tokens`: colour by name, of the theme that `dark` says."""
    knob = {
        "knob": tokens["text"] if dark else tokens["raised"],
        "knob_edge": tokens["text"] if dark else tokens["accent"],
        "knob_focus": tokens["stage"] if dark else tokens["soft"],
    }
    icons = resource_path("icons", "controls").as_posix()
    return _SHEET.substitute(tokens, **knob, icons=icons, theme="dark" if dark else "light")
