"""The videos and photographs that are recognised, made once from the demo and from pictures in installed packages."""

from __future__ import annotations

import importlib.util
import random
import shutil
import threading
from pathlib import Path

from benchmarks.paths import cache

SIZES = {"480p": (854, 480), "720p": (1280, 720), "1080p": (1920, 1080), "4K": (3840, 2160)}
PHOTOGRAPHS = {
    "ultralytics": ("assets/bus.jpg", "assets/zidane.jpg"),
    "skimage": (
        "data/astronaut.png",
        "data/chelsea.png",
        "data/coffee.png",
        "data/motorcycle_left.png",
        "data/rocket.jpg",
        "data/hubble_deep_field.jpg",
    ),
}
SIDES = ((640, 480), (800, 600), (1024, 768), (1280, 960), (1920, 1080), (480, 640), (1080, 1440))
"""Of the photographs in a folder, width and height; larger ones are rarer below."""
_WEIGHTS = (6, 5, 5, 4, 2, 3, 2)


def video(name: str = "720p", frames: int = 300) -> Path:
    """The first `frames` frames of the demo as H.264, 30 frames a second."""
    path = cache() / "media" / f"{name}-{frames}.mp4"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name("part-" + path.name)
        _encode(part, SIZES[name], frames)
        part.replace(path)
    return path


def _encode(path: Path, size: tuple[int, int], frames: int) -> None:
    import av

    from desktop_app.sources import open_source

    width, height = size
    spec = f"demo:?frames={frames}&size={width}x{height}"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"preset": "veryfast", "crf": "23"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        with open_source([spec], lambda _: None, threading.Event()) as source:
            for frame in source:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(frame.bgr, "bgr24")))
        container.mux(stream.encode())


def photographs() -> list[Path]:
    """Those of the packages that are installed."""
    found = []
    for package, names in PHOTOGRAPHS.items():
        spec = importlib.util.find_spec(package)  # finds, imports nothing
        if spec is not None and spec.origin is not None:
            found += [path for name in names if (path := Path(spec.origin).parent / name).is_file()]
    return found


def folders(count: int, of: int) -> list[Path]:
    """`count` folders of `of` JPEG photographs each, in mixed sizes: parts of the photographs, none like another."""
    from PIL import Image

    root = cache() / "media" / f"folder-{count}x{of}"
    paths = [root / f"{number:02}" for number in range(count)]
    if root.exists():
        return paths
    part = root.with_name("part-" + root.name)
    shutil.rmtree(part, ignore_errors=True)
    choose = random.Random(0)
    originals = []
    for path in photographs():
        with Image.open(path) as original:
            originals.append(original.convert("RGB"))
    for path in paths:
        folder = part / path.name
        folder.mkdir(parents=True)
        for number in range(of):
            whole = choose.choice(originals)
            size = choose.choices(SIDES, _WEIGHTS)[0]
            crop = whole.resize(size, Image.Resampling.BILINEAR, _part(whole.size, size, choose))
            crop.save(folder / f"{number:04}.jpg", quality=choose.randint(80, 92))
    part.rename(root)
    return paths


def _part(whole: tuple[int, int], size: tuple[int, int], choose: random.Random) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a part of the same shape as `size`, at least half as large as fits."""
    scale = min(whole[0] / size[0], whole[1] / size[1]) * choose.uniform(0.5, 1.0)
    width, height = size[0] * scale, size[1] * scale
    left, top = choose.uniform(0, whole[0] - width), choose.uniform(0, whole[1] - height)
    return left, top, left + width, top + height
