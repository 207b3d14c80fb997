"""What goes into a bundle and what stays out. Read by `regard.spec` and `build.py`; the tables are the decisions."""

from __future__ import annotations

import fnmatch
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent

PACK = ("torch", "torchvision", "timm", "ultralytics", "captum")
"""What the standard bundle leaves to the PyTorch pack, with all that only these need."""

BROUGHT_WHOLE = ("pillow", "pillow-heif", "numpy", "rich", "certifi", "platformdirs", "msgspec", "av", "mss", "keyring")
"""Distributions whose parts are imported by name, or that a pack expects to be whole."""

BY_NAME = ("pip._internal.configuration", "pip._internal.models.index")
"""Of pip only what tells which package index the user set up (`models.origins`)."""

_NO_STDLIB = frozenset(
    """
    antigravity ensurepip idlelib lib2to3 test this tkinter turtle turtledemo msilib winsound winreg nt _tkinter _dbm
    _gdbm _msi _winapi _overlapped msvcrt _scproxy crypt nis ossaudiodev spwd
    """.split()
)
_STDLIB_PACKAGES = """
    asyncio collections concurrent ctypes curses email encodings html http importlib json logging multiprocessing os
    pydoc_data re sqlite3 tomllib unittest urllib wsgiref xml xmlrpc zoneinfo
""".split()

LEFT_OUT = """
    # Qt: what nothing here draws with. The virtual keyboard and PDF pull in QML and half of Qt.
    */Qt6Pdf* */libQt6Pdf* */Qt6Qml* */libQt6Qml* */Qt6Quick* */libQt6Quick* */libQt6VirtualKeyboard*
    */Qt6VirtualKeyboard* */libQt6OpenGL.* */libQt6Labs* */libQt6Test* */imageformats/*qpdf* */egldeviceintegrations/*
    */platforminputcontexts/*qtvirtualkeyboard* */qmltooling/* */libQt6EglFSDeviceIntegration* */libQt6EglFsKmsSupport*
    */platforms/libqeglfs* */platforms/libqlinuxfb* */platforms/libqvkkhrdisplay* */platforms/libqvnc* */generic/*
    */wayland-graphics-integration-client/*
    */platforms/libqminimalegl* */networkinformation/* PySide6/Qt/translations/* PySide6/Qt/qml/* PySide6/Qt/metatypes/*
    # The theme of GTK draws nothing of ours, and would bring GTK; file dialogs come through the portal.
    */platformthemes/libqgtk3*
    # Pillow reads pictures; Qt's network is used for local sockets only.
    */imageformats/*qtiff* */imageformats/*qtga* */imageformats/*qicns* */imageformats/*qwbmp* PySide6/Qt/plugins/tls/*
    # Mesa's own software OpenGL for Windows; nothing here draws with OpenGL.
    */opengl32sw.dll
    # OpenCV's own Qt with its fonts, where the wheel with a window was taken.
    cv2/qt/* */libQt5* cv2/data/*
    # OpenVINO: front ends of formats that Regard does not read, the C interface, headers, tables for tuning.
    */libopenvino_tensorflow* */libopenvino_paddle* */libopenvino_jax* */libopenvino_gguf* */libopenvino_c.*
    */openvino_tensorflow* */openvino_paddle* */openvino_jax* */openvino_gguf* */openvino_c.* */libtbbmalloc_proxy*
    */libopenvino_auto_plugin* */libopenvino_auto_batch* */libopenvino_hetero* */openvino_auto_* */openvino_hetero*
    openvino/libs/cache.json openvino/libs/*.pc openvino/cmake/* openvino/include/* openvino/tools/* openvino/torch/*
    openvino/frontend/tensorflow/* openvino/frontend/jax/* openvino/frontend/paddle/*
    # Of the system, where they must fit its drivers, its fonts and its session: every desktop has them.
    libstdc++.so* libgcc_s.so* libmvec.so* libX*.so* libxcb.so* libglib-2* libgio-2* libgobject-2* libgmodule-2*
    libgthread-2* libdbus-1* libsystemd* libgcrypt* libgpg-error* liblz4* libcap.so* libfontconfig* libfreetype*
    libexpat* libbrotli* libpng16.so.16 libharfbuzz* libgraphite2* libselinux* libmount* libblkid* libpcre2-8* libz.so*
    libbsd* libmd.so* libtcl* libtk8* _tcl_data/* _tk_data/* tcl8/* */_tkinter.*
    # Types, headers, tests.
    numpy/_core/_simd.* numpy/_core/*_tests.* numpy/distutils/* numpy/*/test_* */_ctypes_test.* */_testbuffer.*
    */_testcapi.* */_testinternalcapi.* */_testclinic.* */_testmultiphase.* */_testimportmultiple.* */_xxtestfuzz.*
    *.pyi */py.typed *.pxd *.pyx *.h *.hpp *.a *.lib */tests/* */test/* numpy/_core/include/* numpy/f2py/src/*
    */_pyinstaller/* */__pycache__/*
    # Lists of parts of single packages; the bundle has one of its own.
    *.dist-info/sboms/*
    # Of Python what needs a terminal, and the encodings that East Asian texts had before Unicode.
    */lib-dynload/readline.* */lib-dynload/_curses* */lib-dynload/_codecs_* */lib-dynload/_multibytecodec.*
    libreadline.so* libncursesw.so* libpanelw.so* libtinfo.so*
"""
"""Patterns of paths inside the bundle."""
_PATTERNS = [word for line in LEFT_OUT.splitlines() if not line.strip().startswith("#") for word in line.split()]


def is_left_out(path: str) -> bool:
    path = path.replace("\\", "/")
    return any(fnmatch.fnmatch(path, pattern) or fnmatch.fnmatch("/" + path, pattern) for pattern in _PATTERNS)


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted_requirements(full: bool) -> list[Requirement]:
    """What pyproject.toml asks for on this system."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    every = [Requirement(line) for line in table["project"]["dependencies"]]
    here = [each for each in every if each.marker is None or each.marker.evaluate()]
    return here if full else [each for each in here if plain(each.name) not in PACK]


def distributions(roots: Iterable[str]) -> set[str]:
    """The names of `roots` and of everything that they ask for, as far as it is installed."""
    found: set[str] = set()
    left = [plain(name) for name in roots]
    while left:
        name = left.pop()
        if name in found:
            continue
        try:
            needs = importlib.metadata.distribution(name).requires or []
        except importlib.metadata.PackageNotFoundError:
            continue
        found.add(name)
        for line in needs:
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                left.append(plain(need.name))
    return found


def bundled(full: bool) -> set[str]:
    """The distributions inside. `openvino-telemetry` is never imported (see `silent_openvino`)."""
    return distributions(each.name for each in wanted_requirements(full)) - {"openvino-telemetry", "pyside6-addons"}


def modules_of(names: Iterable[str]) -> list[str]:
    """The importable names that belong to distributions."""
    wanted = set(names)
    owners = importlib.metadata.packages_distributions()
    return sorted(module for module, of in owners.items() if wanted & {plain(name) for name in of})


def excluded(full: bool) -> list[str]:
    """Every installed module that the program does not ask for, so that no optional import draws it in."""
    inside = bundled(full)
    owners = importlib.metadata.packages_distributions()
    outside = {module for module, of in owners.items() if not inside & {plain(name) for name in of}}
    # Qt is asked for cameras where V4L2 is not; it would bring a third FFmpeg.
    unused = {"PySide6.QtMultimedia", "PySide6.QtMultimediaWidgets"} if sys.platform == "linux" else set()
    return sorted({*outside, *unused, "tkinter", "openvino_telemetry"} - {"desktop_app", "__pycache__"})


def is_foreign_metadata(path: str, full: bool) -> bool:
    """`torch-2.14.1.dist-info/…` in a bundle without torch, as a hook may have put it there."""
    folder = path.replace("\\", "/").split("/")[0]
    name, dot, _ = folder.partition(".dist-info")
    return bool(dot) and plain(name.rpartition("-")[0]) not in bundled(full)


def standard_library() -> list[str]:
    """The whole of it: a pack that is loaded later may import any part."""
    from PyInstaller.utils.hooks import collect_submodules

    top = [name for name in sorted(sys.stdlib_module_names) if name not in _NO_STDLIB and not name.startswith("__")]
    if sys.platform == "win32":
        top += ["msvcrt", "winreg", "_winapi", "_overlapped"]
    inner = [name for package in _STDLIB_PACKAGES for name in collect_submodules(package)]
    return sorted({*top, *inner})
