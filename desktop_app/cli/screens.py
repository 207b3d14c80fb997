"""`regard cameras --screens`: what else can be looked at."""

from __future__ import annotations

import json

from desktop_app.core.screen_spec import parse_screen


def list_screens(style: str) -> None:
    """Raises `SourceUnreadable` where no screen can be seen."""
    from desktop_app.sources.screen_survey import survey

    for seen in survey():
        # The number of a window helps for as long as it lives; its title is what one types.
        spec = f"window:{seen.title}" if parse_screen(seen.spec).kind == "window" else seen.spec
        place = seen.place
        if style == "jsonl":
            row = {"source": spec, "title": seen.title, "width": place.width, "height": place.height}
            print(json.dumps(row | {"left": place.left, "top": place.top}, ensure_ascii=False))
        else:
            print(f"{spec}  {place.width}×{place.height}")
