"""What every use case of sharing works on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fonoteka.accounts import Accounts
from fonoteka.archive import Archive
from fonoteka.store import Store


@dataclass(frozen=True, slots=True)
class SharingRoom:
    """The first argument of each use case; threads may share it.

    Links begin with `base_url`. Calls are attached to an e-mail as long as they are together no larger than
    `attachment_bytes_max`. Without a mail server nothing is sent.
    """

    archive: Archive
    accounts: Accounts
    base_url: str
    has_mail: bool = False
    attachment_bytes_max: int = 7_000_000

    @property
    def store(self) -> Store:
        """The store of all rooms."""
        return self.archive.store

    def now(self) -> datetime:
        """Now, aware UTC."""
        return self.archive.now()

    def link(self, secret: str) -> str:
        """The address of a link with that secret."""
        return f"{self.base_url.rstrip('/')}/s/{secret}"
