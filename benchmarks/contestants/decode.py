"""Media alone: OpenCV decodes each frame of a video, or each JPEG of a folder, in one thread, and that is all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.contestants.serving import serve, take_stdout


def main() -> None:
    answers = take_stdout()
    import cv2
    import numpy as np

    def folder(source: Path) -> dict[str, Any]:
        paths = sorted(source.iterdir())
        for path in paths:
            cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
        return {"frames": len(paths)}

    def go(source: str) -> dict[str, Any]:
        if Path(source).is_dir():
            return folder(Path(source))
        capture = cv2.VideoCapture(source, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        frames = 0
        while capture.read()[0]:
            frames += 1
        capture.release()
        return {"frames": frames}

    serve(answers, {}, go)


if __name__ == "__main__":
    main()
