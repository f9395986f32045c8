"""An answer with audio: sent in blocks as fast as the client takes them."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from itertools import chain

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Send

from fonoteka.api import metrics


class AudioResponse(StreamingResponse):
    """Blocks are read in the thread pool, one at a time, and only when the client has taken the last.

    Their source is closed when all is sent and also when the client leaves.
    """

    def __init__(
        self,
        first: bytes,
        rest: Iterator[bytes],
        audio_format: str,
        *,
        status_code: int,
        headers: Mapping[str, str],
        media_type: str,
    ) -> None:
        self._blocks = _counted(first, rest, audio_format)
        super().__init__(self._blocks, status_code, headers, media_type)

    async def stream_response(self, send: Send) -> None:
        """Send head and body; called by Starlette."""
        with metrics.AUDIO_STREAMS.track_inprogress():
            try:
                await super().stream_response(send)
            finally:
                with anyio.CancelScope(shield=True):
                    await run_in_threadpool(self._blocks.close)


def _counted(first: bytes, rest: Iterator[bytes], audio_format: str) -> Generator[bytes, None, None]:
    sent = metrics.AUDIO_SENT.labels(audio_format)
    try:
        for block in chain((first,), rest):
            yield block
            sent.inc(len(block))
    finally:
        if isinstance(rest, Generator):
            rest.close()
