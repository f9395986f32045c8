"""Any server with OpenAI's `POST /v1/audio/transcriptions`: speaches, vLLM, whisper.cpp, LocalAI."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
import uuid
import wave
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from fonoteka import __version__
from fonoteka.domain.errors import EngineRefused, EngineUnavailable, SettingInvalid
from fonoteka.speech.engines.engine import EngineConfig, PieceText, Samples
from fonoteka.speech.engines.openai_reply import read_reply

_REPLY_BYTES_MAX = 4_000_000
_BLOCK = 65_536
_CONNECT_S = 10.0
_LATER = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_SAID_MAX = 200


class OpenAi:
    """One server and model, asked for a piece at a time; not for two threads at once."""

    def __init__(self, config: EngineConfig, language: str) -> None:
        """Raises `SettingInvalid` for an address that is none."""
        parts = urlsplit(config.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingInvalid("transcript_url: an address such as https://speech.example.org is needed.")
        self.name = f"openai {config.model or 'default'}"
        self._config = config
        self._parts = parts
        self._fields = {"model": config.model, "language": language, "temperature": "0"}
        self._asks_for_words = True

    def transcribe(self, pieces: Sequence[Samples], sample_rate_hz: int) -> list[PieceText]:
        """As `engine.Engine`."""
        return [self._one(piece, sample_rate_hz) for piece in pieces]

    def _one(self, piece: Samples, sample_rate_hz: int) -> PieceText:
        sound = _wav(piece, sample_rate_hz)
        fields = [(name, text) for name, text in self._fields.items() if text]
        fields.append(("response_format", "verbose_json"))
        words = [("timestamp_granularities[]", "word"), ("timestamp_granularities[]", "segment")]
        status, reply = self._post(fields + (words if self._asks_for_words else []), sound)
        if status == 400 and self._asks_for_words:
            # Some servers know no times of words, and say so this way.
            self._asks_for_words = False
            status, reply = self._post(fields, sound)
        if status in _LATER:
            raise EngineUnavailable(f"{self.name}: HTTP {status}: {_said(reply)}")
        if status != 200:
            raise EngineRefused(f"{self.name}: HTTP {status}: {_said(reply)}")
        return read_reply(reply, len(piece) * 1000 // sample_rate_hz)

    def _post(self, fields: list[tuple[str, str]], sound: bytes) -> tuple[int, bytes]:
        """Status and body. However slow the server dribbles, the whole takes no more than `timeout_s`."""
        boundary = uuid.uuid4().hex
        body = _multipart(fields, sound, boundary)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "User-Agent": f"fonoteka/{__version__}",
            "Accept": "application/json",
            **({"Authorization": f"Bearer {self._config.key}"} if self._config.key else {}),
        }
        give_up_at = time.monotonic() + self._config.timeout_s
        connection = _connection(self._parts, self._config)
        try:
            connection.request("POST", _path(self._parts), body, headers)
            if connection.sock is not None:
                connection.sock.settimeout(self._config.timeout_s)
            response = connection.getresponse()
            return response.status, _read(response, connection.sock, give_up_at)
        except (http.client.HTTPException, OSError, ValueError) as error:
            raise EngineUnavailable(f"{self.name}: {error or type(error).__name__}") from error
        finally:
            connection.close()


def _read(response: http.client.HTTPResponse, connected: socket.socket | None, give_up_at: float) -> bytes:
    found = bytearray()
    while block := response.read1(_BLOCK):
        found += block
        left = give_up_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        if len(found) > _REPLY_BYTES_MAX:
            raise EngineRefused(f"The speech server's answer is longer than {_REPLY_BYTES_MAX} bytes.")
        if connected is not None:
            connected.settimeout(left)
    return bytes(found)


def _connection(parts: SplitResult, config: EngineConfig) -> http.client.HTTPConnection:
    timeout_s = min(_CONNECT_S, config.timeout_s)
    assert parts.hostname is not None
    if parts.scheme == "http":
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout_s)
    context = ssl.create_default_context()
    if config.ca_file:
        context.load_verify_locations(config.ca_file)
    return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=timeout_s, context=context)


def _path(parts: SplitResult) -> str:
    """A bare address means the usual path; one with a path of its own is taken as it is."""
    return parts.path if len(parts.path) > 1 else "/v1/audio/transcriptions"


def _multipart(fields: list[tuple[str, str]], sound: bytes, boundary: str) -> bytes:
    lines = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields
    ]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="piece.wav"\r\n'
        "Content-Type: audio/wav\r\n\r\n"
    )
    return "".join((*lines, head)).encode() + sound + f"\r\n--{boundary}--\r\n".encode()


def _wav(samples: Samples, sample_rate_hz: int) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate_hz)
        file.writeframes(samples.astype("<i2").tobytes())
    return made.getvalue()


def _said(reply: bytes) -> str:
    return " ".join(reply[:_SAID_MAX].decode("utf-8", "replace").split())
