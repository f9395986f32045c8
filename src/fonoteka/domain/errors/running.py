"""Settings, addresses and folders on this machine; the caller and the demo."""

from __future__ import annotations

from fonoteka.domain.errors.base import FonotekaError


class SettingInvalid(FonotekaError):
    """A setting cannot be used as given."""

    code = "setting.invalid"


class AddressInUse(FonotekaError):
    """The address to listen on is taken by another program."""

    code = "address.in_use"


class DataFolderInUse(FonotekaError):
    """Another Fonoteka works on this data folder."""

    code = "data.in_use"


class DemoFailed(FonotekaError):
    """The demo could not be brought up."""

    code = "demo.failed"


class CallRefused(FonotekaError):
    """The recording server refused or did not answer a call that we placed."""

    code = "caller.refused"


class SpeechUnavailable(FonotekaError):
    """Texts cannot be spoken on this machine; give sound files instead."""

    code = "caller.speech_unavailable"
