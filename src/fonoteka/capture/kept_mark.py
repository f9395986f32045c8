"""The mark on a sealed folder that a person asked in time to keep this on-demand call."""

from __future__ import annotations

from pathlib import Path

from fonoteka.capture.stream_file import write_durably
from fonoteka.domain.errors import RecordingNotFound, SpoolUnwritable
from fonoteka.domain.sealed import KEPT_NAME


def mark_kept(folder: Path) -> None:
    """Leave the mark, durably. Raises `RecordingNotFound` when the folder has been dealt with already."""
    if not folder.is_dir():
        raise RecordingNotFound
    try:
        write_durably(folder / KEPT_NAME, b"")
    except FileNotFoundError as error:
        raise RecordingNotFound from error
    except OSError as error:
        raise SpoolUnwritable(f"the spool cannot be written: {error}") from error
