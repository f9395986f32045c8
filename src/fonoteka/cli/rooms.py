"""The use cases for a command, apart from options.py: the recorder's command loads neither SQL nor NumPy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fonoteka.settings import Settings
from fonoteka.wiring import Rooms, open_rooms


@contextmanager
def rooms_of(settings: Settings) -> Iterator[Rooms]:
    """Opened on these settings' database and objects, closed when the command ends."""
    rooms = open_rooms(settings)
    try:
        yield rooms
    finally:
        rooms.close()
