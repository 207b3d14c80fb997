"""Network cameras that the user keeps: a name of their own and an address, rows in the panel of inputs."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.core.address import is_network, safe_title
from desktop_app.core.source import SourceInfo
from desktop_app.gui.describe import source_caption
from desktop_app.gui.preferences import Preferences
from desktop_app.gui.rows import Row


@dataclass(frozen=True, slots=True)
class NetworkCamera:
    """`address` holds no login."""

    name: str
    address: str


def saved_cameras(preferences: Preferences) -> list[NetworkCamera]:
    pairs = [each for each in preferences.values.network_cameras if len(each) == 2 and is_network(each[1])]
    return [NetworkCamera(name or safe_title(address), address) for name, address in pairs]


def save_camera(preferences: Preferences, camera: NetworkCamera, instead: str = "") -> None:
    """Adds the camera, or puts it in the place of the one with the address `instead`."""
    old = saved_cameras(preferences)
    place = next((i for i, each in enumerate(old) if each.address in (instead, camera.address)), len(old))
    rest = [each for each in old if each.address not in (instead, camera.address)]
    rest.insert(place, camera)
    preferences.change(network_cameras=tuple((each.name, each.address) for each in rest))


def remove_camera(preferences: Preferences, address: str) -> None:
    left = [each for each in saved_cameras(preferences) if each.address != address]
    preferences.change(network_cameras=tuple((each.name, each.address) for each in left))


def name_of(preferences: Preferences, address: str) -> str | None:
    return next((each.name for each in saved_cameras(preferences) if each.address == address), None)


def camera_rows(preferences: Preferences, info: SourceInfo | None) -> list[Row]:
    rows = []
    for camera in saved_cameras(preferences):
        chosen = info is not None and info.spec == camera.address
        caption = source_caption(info) if chosen and info is not None else ""
        title = safe_title(camera.address)
        rows.append(Row(camera.name, camera.address, caption or title, "globe", "globe-fill", chosen=chosen))
    return rows
