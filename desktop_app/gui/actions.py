"""Every action of the program as a line of a table; menus, tool bar and the keys dialog are made from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QKeySequence

from desktop_app.i18n import tr

if TYPE_CHECKING:
    from desktop_app.gui.session import Session

Text = Callable[[], str]
Test = Callable[["Session"], bool]


def _always(_: Session) -> bool:
    return True


def _window_knows(_: Session) -> bool:
    """Set from `Actions.checks`."""
    return False


def _alive(session: Session) -> bool:
    return session.controller.alive


def _picture(session: Session) -> bool:
    return session.controller.alive and not session.controller.is_batch


def _can_pause(session: Session) -> bool:
    info = session.controller.info
    if info is None or not session.controller.alive or info.kind == "image":
        return False
    return info.kind != "images" or session.controller.phase != "ended"


def _can_step(session: Session) -> bool:
    return _can_pause(session) and not session.controller.is_batch


def _is_file(session: Session) -> bool:
    return session.controller.is_file


def _moves(session: Session) -> bool:
    return session.controller.alive and session.controller.counting.possible


def _counts(session: Session) -> bool:
    return _moves(session) and bool(session.controller.counting.shapes)


def _can_seek(session: Session) -> bool:
    info = session.controller.info
    return session.controller.is_file and info is not None and info.seekable


def _has_cameras(session: Session) -> bool:
    return bool(session.controller.cameras)


def record_reason(session: Session) -> str:
    """Why nothing can be recorded; empty where it can, or where a recording runs, which can be ended."""
    controller = session.controller
    if controller.recording.stage == "finishing":
        return tr("the last recording is being finished")
    if controller.recording.runs:
        return ""
    if controller.info is None or not controller.alive:
        return tr("choose an input first")
    if controller.is_batch:
        return tr("a batch of pictures cannot be recorded")
    return tr("a still picture cannot be recorded, take a snapshot") if controller.info.kind == "image" else ""


def _can_record(session: Session) -> bool:
    return not record_reason(session)


def _looks(session: Session) -> bool:
    return _picture(session) and bool(session.controller.running)


def _inspects(session: Session) -> bool:
    return _picture(session) or session.controller.inspector.on


def _knows_a_camera(session: Session) -> bool:
    return bool(session.cameras.current())


def _not_teaching(session: Session) -> bool:
    """While something is taught, its keys take examples."""
    return not session.controller.teaching.on


def _runs(session: Session) -> bool:
    return bool(session.controller.running)


def _can_copy(session: Session) -> bool:
    return _picture(session) or _runs(session)


@dataclass(frozen=True, slots=True)
class Action:
    """`handler`: the method of `Commands`. `checked`: for what can be on or off; `keys`: all shortcuts, first shown."""

    key: str
    text: Text
    handler: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    enabled: Test = _always
    checked: Test | None = None
    argument: Any = None

    def sequences(self) -> list[QKeySequence]:
        return [QKeySequence(key) for key in self.keys]


def _recent(n: int) -> Action:
    text, keys = (lambda: tr("Recent model {n}", n=n)), (str(n),)
    return Action(f"recent{n}", text, "use_recent_model", keys, enabled=_not_teaching, argument=n - 1)


ACTIONS: tuple[Action, ...] = (
    Action("open", lambda: tr("Open files…"), "open_files", ("Ctrl+O",), "folder-open"),
    Action("open_folder", lambda: tr("Open a folder…"), "open_folder", ("Ctrl+Shift+O",), "squares-four"),
    Action("open_address", lambda: tr("Open an address…"), "open_address", ("Ctrl+L",), "globe"),
    Action("paste", lambda: tr("Paste a picture or an address"), "paste", ("Ctrl+V",), "clipboard-text"),
    Action("snapshot", lambda: tr("Snapshot"), "snapshot", ("S",), "camera", _picture),
    Action(
        "record",
        lambda: tr("Record"),
        "record",
        ("R",),
        "record",
        _can_record,
    ),
    Action("recording_options", lambda: tr("Recording options…"), "recording_options", (), "film-strip"),
    Action("copy", lambda: tr("Copy the picture"), "copy", ("Ctrl+C",), "copy", _can_copy),
    Action("copy_results", lambda: tr("Copy results as text"), "copy_results", ("Ctrl+Shift+C",), "copy", _runs),
    Action("export", lambda: tr("Export results…"), "export", ("Ctrl+E",), "export"),
    Action("add_frame", lambda: tr("Add this frame to a data set"), "add_frame", ("D",), "plus", _picture),
    Action("settings", lambda: tr("Settings…"), "show_settings", ("Ctrl+,",), "gear-six"),
    Action("quit", lambda: tr("Quit"), "quit", ("Ctrl+Q",)),
    Action("play", lambda: tr("Pause, go on"), "toggle_pause", ("Space",), "play", _can_pause),
    Action("step", lambda: tr("One frame on"), "step", (".",), "skip-forward", _can_step, argument=1),
    Action("step_back", lambda: tr("One frame back"), "step", (",",), "caret-left", _is_file, argument=-1),
    Action("to_start", lambda: tr("To the start"), "to_start", ("Home",), "skip-back", _is_file),
    Action("range_first", lambda: tr("The range begins here"), "range_first", ("[",), "bracket-left", _can_seek),
    Action("range_last", lambda: tr("The range ends here"), "range_last", ("]",), "bracket-right", _can_seek),
    Action("range_none", lambda: tr("The whole video"), "range_none", (), "", _can_seek),
    Action("find_video", lambda: tr("Find in the video…"), "find_video", ("Ctrl+F",), "magnifying-glass"),
    Action("analyse", lambda: tr("Analyse all"), "analyse", ("Ctrl+Shift+A",), "", _can_seek),
    Action("next_hit", lambda: tr("Next place found"), "go_to_hit", ("F3",), "", _can_seek, argument=1),
    Action("last_hit", lambda: tr("Place found before"), "go_to_hit", ("Shift+F3",), "", _can_seek, argument=-1),
    Action("next_camera", lambda: tr("Next camera"), "next_camera", ("C",), "video-camera", _has_cameras),
    Action("find_cameras", lambda: tr("Look for cameras"), "find_cameras", ("F5",), "arrow-clockwise"),
    Action("screen", lambda: tr("Screen or window…"), "open_screen", ("Ctrl+G",), "monitor"),
    Action(
        "camera_settings",
        lambda: tr("Camera settings…"),
        "camera_settings",
        ("Shift+C",),
        "sliders-horizontal",
        _knows_a_camera,
    ),
    Action("demo", lambda: tr("Demo"), "open_demo", ("Ctrl+D",), "play-circle"),
    Action(
        "mirror",
        lambda: tr("Mirror"),
        "mirror",
        ("Shift+M",),
        "arrows-left-right",
        checked=lambda s: s.cameras.mirrored,
    ),
    Action("rotate", lambda: tr("Rotate by 90°"), "rotate", ("Shift+R",), "arrow-u-up-right"),
    Action(
        "synced",
        lambda: tr("Each frame with its own result"),
        "synced",
        ("Shift+S",),
        checked=lambda s: s.preferences.values.synced_live,
    ),
    Action("close_source", lambda: tr("Close the input"), "close_source", ("Ctrl+W",), "x", _alive),
    Action("find_model", lambda: tr("Find a model"), "find_model", ("M",), "magnifying-glass"),
    Action("import_model", lambda: tr("Import a model…"), "choose_model_file", ("Ctrl+I",), "plus"),
    Action("turbo", lambda: tr("Turbo (int8)…"), "turbo", (), "lightning", _runs),
    Action("pack", lambda: tr("PyTorch pack…"), "pytorch_pack", (), "package"),
    Action("measure", lambda: tr("Measure this machine…"), "measure_machine", (), "gauge"),
    *(_recent(n) for n in range(1, 10)),
    Action(
        "overlay",
        lambda: tr("Overlay"),
        "overlay",
        ("H",),
        "bounding-box",
        checked=lambda s: s.preferences.values.overlay,
    ),
    Action(
        "trails",
        lambda: tr("Trails of what moves"),
        "trails",
        ("Shift+T",),
        checked=lambda s: s.preferences.values.trails,
    ),
    Action(
        "count_line", lambda: tr("Draw a line to count"), "draw_shape", ("L",), "line-segment", _moves, argument="line"
    ),
    Action("count_zone", lambda: tr("Draw a zone to count"), "draw_shape", ("Z",), "polygon", _moves, argument="zone"),
    Action("reset_counts", lambda: tr("All counts to zero"), "reset_counts", (), "", _counts),
    Action("export_counts", lambda: tr("Export the counts…"), "export_counts", (), "export", _counts),
    Action("batch", lambda: tr("Batch of pictures"), "batch", ("B",), "squares-four", checked=_window_knows),
    Action("fullscreen", lambda: tr("Full screen"), "fullscreen", ("F11",), "frame-corners", checked=_window_knows),
    Action("projector", lambda: tr("Projector"), "projector", ("P",), "presentation", checked=_window_knows),
    Action("zoom_in", lambda: tr("Zoom in"), "zoom", ("Ctrl++", "+", "Ctrl+="), "", _picture, argument=1),
    Action("zoom_out", lambda: tr("Zoom out"), "zoom", ("Ctrl+-", "-"), "", _picture, argument=-1),
    Action("zoom_fit", lambda: tr("Fit the picture"), "zoom", ("0", "Ctrl+0"), "", _picture, argument=0),
    Action(
        "inspect",
        lambda: tr("Pixels and tensors"),
        "inspect",
        ("I",),
        "eyedropper",
        _inspects,
        checked=lambda s: s.controller.inspector.on,
    ),
    Action(
        "steps",
        lambda: tr("The network’s input, step by step"),
        "steps",
        ("Ctrl+Shift+I",),
        "eyedropper",
        _looks,
        _window_knows,
    ),
    Action(
        "heat", lambda: tr("Heat map"), "heat", ("G",), "fire", _looks, checked=lambda s: s.controller.explain.keep_heat
    ),
    Action("explain", lambda: tr("What the network sees"), "explain", ("E",), "tree-structure", _looks, _window_knows),
    Action("compare", lambda: tr("Compare models"), "compare", ("V",), "scales", _picture, _window_knows),
    Action("stress", lambda: tr("Stress test"), "stress", ("X",), "chart-line", checked=_window_knows),
    Action("teach", lambda: tr("Teach by showing"), "teach", ("Shift+E",), "student", checked=_window_knows),
    Action("about_model", lambda: tr("About this model"), "about_model", ("Shift+I",), "info", _runs),
    Action("timings", lambda: tr("Where the time goes"), "timings", ("T",), "gauge"),
    Action("keys", lambda: tr("All keys"), "show_keys", ("?", "F1"), "keyboard"),
    Action("report", lambda: tr("Error log"), "show_errors", (), "warning-circle-fill"),
    Action("check_update", lambda: tr("Check for a new version…"), "check_update"),
    Action("about", lambda: tr("About Regard"), "show_about", (), "info"),
)

# `None` is a separator; a name with a colon is a submenu that menus.py makes.
MENUS: tuple[tuple[Text, tuple[str | None, ...]], ...] = (
    (
        lambda: tr("&File"),
        (
            "open",
            "open_folder",
            "open_address",
            "recent_sources:",
            "paste",
            None,
            "record",
            "recording_options",
            "snapshot",
            "copy",
            "copy_results",
            "export",
            "add_frame",
            None,
            "settings",
            None,
            "quit",
        ),
    ),
    (
        lambda: tr("&Camera"),
        (
            "cameras:",
            "next_camera",
            "find_cameras",
            "camera_settings",
            "demo",
            "screen",
            None,
            "play",
            "step",
            "step_back",
            "to_start",
            None,
            "mirror",
            "rotate",
            "synced",
            None,
            "close_source",
        ),
    ),
    (
        lambda: tr("V&ideo"),
        (
            "play",
            "step",
            "step_back",
            "to_start",
            None,
            "range_first",
            "range_last",
            "range_none",
            None,
            "find_video",
            "analyse",
            "next_hit",
            "last_hit",
        ),
    ),
    (
        lambda: tr("&Model"),
        (
            "find_model",
            "beside:",
            "import_model",
            "turbo",
            "pack",
            "device:",
            "measure",
            None,
            "tracking:",
            "count_line",
            "count_zone",
            "reset_counts",
            "export_counts",
            None,
            *(f"recent{n}" for n in range(1, 10)),
        ),
    ),
    (
        lambda: tr("&View"),
        (
            "overlay",
            "trails",
            "batch",
            None,
            "zoom_in",
            "zoom_out",
            "zoom_fit",
            None,
            "fullscreen",
            "projector",
            None,
            "panels:",
            "theme:",
            "palette:",
            "language:",
        ),
    ),
    (
        lambda: tr("&Explain"),
        ("inspect", "steps", "explain", "heat", "compare", "stress", "teach", None, "about_model", "timings"),
    ),
    (lambda: tr("&Help"), ("keys", "report", "check_update", None, "about")),
)

# "|" is a separator, ">" moves what follows to the right; a name with a colon is a drop-down that toolbar.py makes.
TOOLBAR: tuple[str, ...] = (
    "play",
    "step",
    "record",
    "snapshot",
    "|",
    "input:",
    "model:",
    "device:",
    ">",
    "overlay",
    "inspect",
    "heat",
    "batch",
    "explain",
    "fullscreen",
    "|",
    "settings",
)
