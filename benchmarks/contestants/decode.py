"""The video alone: OpenCV decodes every frame to blue-green-red in one thread, and nothing is done with it."""

from __future__ import annotations

from typing import Any

from benchmarks.contestants.serving import serve, take_stdout


def main() -> None:
    answers = take_stdout()
    import cv2

    def go(source: str) -> dict[str, Any]:
        capture = cv2.VideoCapture(source, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        frames = 0
        while capture.read()[0]:
            frames += 1
        capture.release()
        return {"frames": frames}

    serve(answers, {}, go)


if __name__ == "__main__":
    main()
