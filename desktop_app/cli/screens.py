"""`regard cameras --screens`: what else can be looked at."""

from __future__ import annotations

import json


def list_screens(style: str) -> None:
    """Raises `SourceUnreadable` where no screen can be seen."""
    from desktop_app.sources.screen_survey import survey

    for seen in survey():
        place = seen.place
        if style == "jsonl":
            row = {"source": seen.spec, "title": seen.title, "width": place.width, "height": place.height}
            print(json.dumps(row | {"left": place.left, "top": place.top}, ensure_ascii=False))
        else:
            print(f"{seen.spec}  {place.width}×{place.height}")
