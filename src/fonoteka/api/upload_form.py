"""A multipart form with sound files in it (RFC 7578), written to disk as it arrives."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from python_multipart import MultipartParser
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import parse_options_header

from fonoteka.connectors.folder.deposit import Deposit
from fonoteka.connectors.folder.walk import AUDIO_SUFFIXES, HEADERLESS_SUFFIXES
from fonoteka.domain.errors import RequestInvalid

CALL_PART = "call"
SOUND_PARTS = ("audio", "audio_calling", "audio_called")
CALL_BYTES_MAX = 64 * 1024
_NAME_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True)
class UploadedSound:
    """A sound file of the form: where it lies in the deposit, its name at the client, its content's hash."""

    file: str
    name: str
    sha256: str


class UploadForm:
    """Takes the body of a request piece by piece; `call` is the JSON part, `sounds` the files by part.

    The methods write to disk: not for the event loop. Errors are `RequestInvalid` naming the part, and
    those of the deposit.
    """

    def __init__(self, content_type: str, deposit: Deposit) -> None:
        kind, parameters = parse_options_header(content_type)
        boundary = parameters.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not 1 <= len(boundary) <= 200:
            raise _invalid("body", "The body must be multipart/form-data with a boundary.")
        self.call = b""
        self.sounds: dict[str, UploadedSound] = {}
        self._deposit = deposit
        self._stack = ExitStack()
        self._header, self._value = bytearray(), bytearray()
        self._headers: dict[str, str] = {}
        self._part = self._client_name = self._file_name = ""
        self._file: BinaryIO | None = None
        self._digest = hashlib.sha256()
        self._seen: set[str] = set()
        self._ended = False
        self._parser = MultipartParser(boundary, self._callbacks())

    def feed(self, data: bytes) -> None:
        """Take the next piece of the body."""
        try:
            self._parser.write(data)
        except MultipartParseError as error:
            raise _invalid("body", f"The multipart form is malformed: {error}.") from error

    def finish(self) -> None:
        """The body has ended."""
        if not self._ended:
            raise _invalid("body", "The multipart form ends before its last boundary.")
        if CALL_PART not in self._seen:
            raise _invalid(CALL_PART, "The part `call` (JSON) is missing.")
        names = set(self.sounds)
        if not names or ("audio" in names and len(names) > 1):
            raise _invalid(
                "audio", "Send either `audio`, or `audio_calling` and `audio_called` (or one of them)."
            )

    def close(self) -> None:
        """Close what is open, in whichever state."""
        self._stack.close()

    def _callbacks(self) -> Any:
        return {
            "on_part_begin": self._begin_part,
            "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._open_part,
            "on_part_data": self._take,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def _begin_part(self) -> None:
        self._headers = {}

    def _end_header(self) -> None:
        self._headers[self._header.decode("latin-1").lower()] = self._value.decode("latin-1")
        self._header.clear()
        self._value.clear()

    def _open_part(self) -> None:
        kind, parameters = parse_options_header(self._headers.get("content-disposition"))
        self._part = parameters.get(b"name", b"").decode("utf-8", "replace")[:_NAME_CHARACTERS_MAX]
        known = (CALL_PART, *SOUND_PARTS)
        if kind != b"form-data" or self._part not in known:
            raise _invalid(self._part or "body", f"There is no such part; known: {', '.join(known)}.")
        if self._part in self._seen:
            raise _invalid(self._part, "This part may be given once.")
        self._seen.add(self._part)
        if self._part == CALL_PART:
            return
        given = parameters.get(b"filename", b"").decode("utf-8", "replace").replace("\\", "/")
        self._client_name = _printable(given.rpartition("/")[2])[:_NAME_CHARACTERS_MAX]
        suffix = PurePosixPath(self._client_name).suffix.lower()
        known_suffix = suffix in AUDIO_SUFFIXES | HEADERLESS_SUFFIXES
        self._file_name = f"{self._part}{suffix if known_suffix else ''}"
        self._digest = hashlib.sha256()
        self._file = self._stack.enter_context(self._deposit.write(self._file_name))

    def _take(self, data: bytes, start: int, end: int) -> None:
        piece = data[start:end]
        if self._file is not None:
            self._digest.update(piece)
            self._file.write(piece)
            return
        self.call += piece
        if len(self.call) > CALL_BYTES_MAX:
            raise _invalid(CALL_PART, f"The part is larger than {CALL_BYTES_MAX} bytes.")

    def _end_part(self) -> None:
        if self._file is not None:
            self._file = None
            self._stack.close()  # the file is on the disk now
            self.sounds[self._part] = UploadedSound(
                self._file_name, self._client_name or self._file_name, self._digest.hexdigest()
            )

    def _end(self) -> None:
        self._ended = True


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text).strip()


def _invalid(field: str, detail: str) -> RequestInvalid:
    return RequestInvalid(field, detail, place="body")
