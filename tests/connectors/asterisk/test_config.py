"""What `[[connector]] kind = "asterisk"` may say, and what is refused with which words."""

from __future__ import annotations

from pathlib import Path

import pytest

from fonoteka.connectors.asterisk import AsteriskConfig
from fonoteka.domain.errors import SettingInvalid
from fonoteka.recorder_wiring import connectors_of
from fonoteka.settings import Settings, load_settings

TABLE = {"kind": "asterisk", "url": "http://pbx:8088/asterisk", "user": "fonoteka", "password": "secret"}


def test_defaults_and_what_is_given() -> None:
    config = AsteriskConfig.read({**TABLE, "app": "second", "tenant": "north"})
    assert (config.host, config.app, config.tenant) == ("pbx", "second", "north")
    assert "secret" not in repr(config)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": ""}, "url is missing"),
        ({"password": None}, "password is missing"),
        ({"url": "pbx:8088"}, "url"),
        ({"url": "http://pbx:port"}, "url"),
        ({"url": "http://[::1"}, "url"),
        ({"url": "tcp://pbx:5038"}, "ami://"),
        ({"url": "ami://pbx:5038/asterisk"}, "no paths"),
        ({"app": "a/b"}, "app"),
        ({"user": "a:b"}, "colon"),
        ({"password": "a\r\nb"}, "line breaks"),
        ({"extension_pattern": "("}, "extension_pattern"),
        ({"extension_pattern": r"\d+"}, "group"),
        ({"port": 8088}, "port is not known"),
        ({"media_address": 5}, "media_address is not a text"),
    ],
)
def test_what_cannot_be_used_is_named(change: dict[str, object], words: str) -> None:
    with pytest.raises(SettingInvalid, match=words):
        AsteriskConfig.read({**TABLE, **change})


@pytest.mark.parametrize(
    ("pattern", "endpoint", "extension"),
    [
        ("", "101", "101"),
        ("", "101-webrtc", "101"),
        ("", "provider", ""),
        ("", "74950000000", ""),
        (r"sip-(\d+)|(x)", "sip-101", "101"),
        (r"sip-(\d+)|x", "x", ""),
    ],
)
def test_extension_of_an_endpoint(pattern: str, endpoint: str, extension: str) -> None:
    given = {"extension_pattern": pattern} if pattern else {}
    assert AsteriskConfig.read({**TABLE, **given}).extension_of(endpoint) == extension


def test_from_the_file_of_the_data_folder(tmp_path: Path) -> None:
    lines = ["[[connector]]", *(f'{name} = "{value}"' for name, value in TABLE.items())]
    (tmp_path / "fonoteka.toml").write_text("\n".join(lines))
    settings = load_settings(data=tmp_path)
    assert len(connectors_of(settings)) == 1


def test_unknown_kind_is_named() -> None:
    with pytest.raises(SettingInvalid, match="teapot"):
        connectors_of(Settings(connector=({"kind": "teapot"},)))
