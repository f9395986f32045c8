"""AMI as a client: one TCP connection for actions, their answers and all events."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fonoteka.connectors.asterisk.config import AsteriskConfig
from fonoteka.domain.errors import ConnectorRefused, ConnectorUnreachable, WireMalformed
from fonoteka.wire.ami import AmiMessage, AmiParser, encode_action

PORT, TLS_PORT = 5038, 5039
ACTION_WAIT_S = 10.0
PING_S = 10.0
EVENTS_MAX = 20_000
"""Events that wait to be read; more come only when nobody reads, and then the connection is of no use."""
LIST_MAX = 20_000
"""Events that one action may bring: 10,000 channels and some."""
READ_BYTES = 64 * 1024


@dataclass(slots=True)
class _Asked:
    until: str
    done: asyncio.Future[list[AmiMessage]]
    response: AmiMessage | None = None
    events: list[AmiMessage] = field(default_factory=list)

    def take(self, message: AmiMessage) -> None:
        """Its response, or an event that belongs to it; they may overtake each other."""
        if message.is_response:
            self.response = message
        elif len(self.events) < LIST_MAX or message.event == self.until:
            self.events.append(message)
        if self.response is None or self.done.done():
            return
        is_refused = self.response.get("Response") != "Success"
        if not self.until or is_refused or any(one.event == self.until for one in self.events[-1:]):
            self.done.set_result([self.response, *self.events])


class AmiClient:
    """One PBX. `connect` as often as needed."""

    def __init__(self, config: AsteriskConfig) -> None:
        self._config = config
        parts = urlsplit(config.url)
        self._tls = config.tls()
        self._host = parts.hostname or ""
        self._port = parts.port or (TLS_PORT if self._tls else PORT)

    @asynccontextmanager
    async def connect(self, events: Collection[str], classes: str) -> AsyncIterator[AmiSession]:
        """Log in and read the `events` named, of the classes of events named, for as long as it lasts.

        Raises `ConnectorUnreachable`, `ConnectorRefused`.
        """
        name = f"{self._host}:{self._port}"
        try:
            async with asyncio.timeout(ACTION_WAIT_S):
                reader, writer = await asyncio.open_connection(self._host, self._port, ssl=self._tls)
        except (OSError, TimeoutError) as error:
            raise ConnectorUnreachable(f"{name}: {type(error).__name__}: {error}".rstrip(": ")) from error
        session = AmiSession(name, reader, writer, events)
        try:
            await session.log_in(self._config.user, self._config.password, classes)
            yield session
        finally:
            await session.close()


class AmiSession:
    """A connection while it lasts."""

    def __init__(
        self,
        name: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        events: Collection[str],
    ) -> None:
        self._name = name
        self._reader = reader
        self._writer = writer
        self._wanted = frozenset(events)
        self._numbers = itertools.count(1)
        self._asked: dict[str, _Asked] = {}
        self._events: asyncio.Queue[AmiMessage | None] = asyncio.Queue()
        self._parser = AmiParser()
        self._why_over = ""
        self._tasks = [asyncio.create_task(self._read())]

    @property
    def local_address(self) -> str:
        """Our IP address towards the PBX."""
        return str(self._writer.get_extra_info("sockname")[0])

    async def log_in(self, user: str, password: str, classes: str) -> None:
        """By MD5, so that the password does not travel. Raises `ConnectorUnreachable`, `ConnectorRefused`."""
        challenge, *_ = await self.ask("Challenge", AuthType="MD5")
        key = hashlib.md5((challenge.get("Challenge") + password).encode(), usedforsecurity=False).hexdigest()
        answer, *_ = await self.ask("Login", AuthType="MD5", Username=user, Key=key, Events=classes)
        if answer.get("Response") != "Success":
            raise ConnectorRefused(
                f"{self._name}: user or password is wrong, or manager.conf does not permit our address "
                f"({answer.get('Message')})"
            )
        self._tasks.append(asyncio.create_task(self._ping()))

    async def ask(
        self, action: str, *, until: str = "", wait_s: float | None = None, **fields: str
    ) -> list[AmiMessage]:
        """Have an action done: its response, then the events that belong to it up to that named `until`.

        A response that is no success comes alone. Raises `ConnectorUnreachable`, also when the answer is
        late.
        """
        number = str(next(self._numbers))
        try:
            raw = encode_action({"Action": action, "ActionID": number, **fields})
        except ValueError as error:
            raise ConnectorUnreachable(f"{self._name}: {action}: {error}") from error
        if self._why_over:
            raise ConnectorUnreachable(self._why_over)
        asked = self._asked[number] = _Asked(until, asyncio.get_running_loop().create_future())
        try:
            async with asyncio.timeout(ACTION_WAIT_S if wait_s is None else wait_s):
                self._writer.write(raw)
                await self._writer.drain()
                return await asked.done
        except (OSError, TimeoutError) as error:
            detail = f"{type(error).__name__}: {error}".rstrip(": ")
            raise ConnectorUnreachable(f"{self._name}: {action}: {detail}") from error
        finally:
            self._asked.pop(number, None)

    async def next(self) -> AmiMessage:
        """The next event of those wanted. Raises `ConnectorUnreachable` when the connection is gone."""
        message = await self._events.get()
        if message is None:
            self._events.put_nowait(None)  # whoever asks again is told the same
            raise ConnectorUnreachable(self._why_over)
        return message

    async def close(self) -> None:
        """End the connection."""
        self._end("closed by us")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def _read(self) -> None:
        try:
            while data := await self._reader.read(READ_BYTES):
                for message in self._parser.feed(data):
                    self._dispatch(message)
                if self._events.qsize() > EVENTS_MAX:
                    raise WireMalformed("events come faster than they can be read")
            self._end(f"{self._name}: the PBX closed the connection")
        except (OSError, WireMalformed) as error:
            self._end(f"{self._name}: {error}")

    def _dispatch(self, message: AmiMessage) -> None:
        asked = self._asked.get(message.get("ActionID"))
        if asked is not None and (message.is_response or message.event):
            asked.take(message)
        elif message.event in self._wanted:
            self._events.put_nowait(message)

    def _end(self, why: str) -> None:
        if self._why_over:
            return
        self._why_over = why
        for asked in self._asked.values():
            if not asked.done.done():
                asked.done.set_exception(ConnectorUnreachable(why))
        self._events.put_nowait(None)

    async def _ping(self) -> None:
        """A PBX that is gone without a word is noticed."""
        while True:
            await asyncio.sleep(PING_S)
            try:
                await self.ask("Ping")
            except ConnectorUnreachable as error:
                self._end(str(error))
                return
