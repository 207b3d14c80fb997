"""What stations, maps and filters are called."""

from __future__ import annotations

import re

from desktop_app.core.explain import Station
from desktop_app.gui import texts
from desktop_app.gui.explain_parts import value_texts
from desktop_app.gui.ladder_layout import FILTERS
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m


def station_title(stations: tuple[Station, ...], place: int) -> str:
    """The first is the stem, the last the head, blocks are counted between them."""
    if place == FILTERS:
        return tr("Filters")
    if stations[place].kind == "attention":  # one a layer, which makers count from 0
        numbers = re.findall(r"\d+", stations[place].layer)
        return tr("Attention {n}", n=int(numbers[-1]) + 1 if numbers else place + 1)
    if place == 0:
        return tr("Stem")
    return tr("Head") if place == len(stations) - 1 else tr("Block {n}", n=place)


def station_caption(station: Station) -> str:
    if station.kind == "attention":
        return tr("{count} heads, {size}", count=station.channels, size=texts.size(station.width, station.height))
    return tr("{count} maps of {size}", count=station.channels, size=texts.size(station.width, station.height))


def map_tip(seen: m.Explained, row: int, channel: int) -> str:
    """Of a tile; -1 for the station itself."""
    station = seen.stations[row]
    if channel < 0:
        return station.layer
    tiles = next(tiles for tiles in seen.tiles if tiles.station == row)
    index = tiles.channels.tolist().index(channel)
    low, high = value_texts(float(tiles.low[index]), float(tiles.high[index]))
    return tr(
        "Map {n} of {layer}, coloured from {low} to {high}: its own range.",
        n=channel,
        layer=station.layer,
        low=low,
        high=high,
    )


def filter_tip(seen: m.Explained, channel: int) -> str:
    if channel < 0 or seen.filters is None:
        return tr("Weights of the first layer for red, green and blue; grey is 0.")
    weights = seen.filters[channel]
    low, high = value_texts(float(weights.min()), float(weights.max()))
    return tr(
        "Filter {n}: weights from {low} to {high} for red, green and blue; grey is 0.", n=channel, low=low, high=high
    )
