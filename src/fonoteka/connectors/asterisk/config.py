"""What `[[connector]] kind = "asterisk"` in `fonoteka.toml` may say."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from urllib.parse import urlsplit

from fonoteka.domain.errors import SettingInvalid

KIND = "asterisk"
SCHEMES = ("http", "https", "ami", "amis")
_APP = re.compile(r"[A-Za-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True)
class AsteriskConfig:
    """One PBX. `url` names the interface: `http` and `https` are ARI's, with the prefix of the PBX's HTTP
    server if there is one (MikoPBX: `/asterisk`); `ami` and `amis` (by TLS) are the Manager's.

    `extension_pattern` says which endpoints are own extensions, its first group being the number; every other
    endpoint is a trunk. `media_address` is where the PBX sends RTP; empty: the address that we reach it from.
    `tenant` is whose all its calls are; empty: trunks and numbers say. `ca_file` has in PEM the certificates
    that vouch for the PBX's, or its own; empty: those that the machine trusts.
    """

    url: str
    user: str
    password: str = field(repr=False)
    app: str = "fonoteka"
    extension_pattern: str = r"(\d{2,5})(?:-\w+)?"
    media_address: str = ""
    tenant: str = ""
    ca_file: str = ""

    @classmethod
    def read(cls, table: Mapping[str, object]) -> AsteriskConfig:
        """From the table of the file, `kind` left aside. Raises `SettingInvalid` naming what is wrong."""
        texts = {name: value for name, value in table.items() if name != "kind"}
        known = {one.name for one in fields(cls)}
        if unknown := sorted(set(texts) - known):
            raise SettingInvalid(f"connector asterisk: {unknown[0]} is not known")
        if missing := [name for name in ("url", "user", "password") if not texts.get(name)]:
            raise SettingInvalid(f"connector asterisk: {missing[0]} is missing")
        if wrong := [name for name, value in texts.items() if not isinstance(value, str)]:
            raise SettingInvalid(f"connector asterisk: {wrong[0]} is not a text")
        return cls(**{name: str(value) for name, value in texts.items()})

    def __post_init__(self) -> None:
        """Raises `SettingInvalid`."""
        try:
            parts = urlsplit(self.url)
            if parts.scheme not in SCHEMES or not parts.hostname or parts.port == 0:
                raise ValueError("not an address of http://, https://, ami:// or amis://")
            if self.is_ami and parts.path.strip("/"):
                raise ValueError("there are no paths in AMI")
        except ValueError as error:
            raise SettingInvalid(f"connector asterisk: url: {error}") from error
        if not _APP.fullmatch(self.app):
            raise SettingInvalid("connector asterisk: app: letters, digits and _ only, 40 at most")
        try:
            groups = re.compile(self.extension_pattern).groups
        except re.error as error:
            raise SettingInvalid(f"connector asterisk: extension_pattern: {error}") from error
        if groups < 1:
            raise SettingInvalid(
                "connector asterisk: extension_pattern: the number must be a group, as in (…)"
            )
        if ":" in self.user or not (self.user + self.password).isprintable():
            raise SettingInvalid("connector asterisk: user and password: no colon, no line breaks")

    def tls(self) -> ssl.SSLContext | None:
        """For its connections, None where they are not encrypted. Raises `SettingInvalid` for `ca_file`."""
        if not self.url.startswith(("https://", "amis://")):
            return None
        try:
            return ssl.create_default_context(cafile=self.ca_file or None)
        except OSError as error:  # an ssl.SSLError is one
            raise SettingInvalid(f"connector asterisk: ca_file: {error}") from error

    @property
    def is_ami(self) -> bool:
        """Whether the PBX is followed by AMI, not by ARI."""
        return self.url.startswith(("ami://", "amis://"))

    @property
    def host(self) -> str:
        """The PBX's host."""
        return urlsplit(self.url).hostname or ""

    def extension_of(self, endpoint: str) -> str:
        """The extension that an endpoint is, empty for a trunk."""
        found = re.fullmatch(self.extension_pattern, endpoint)
        return (found[1] or "") if found else ""
