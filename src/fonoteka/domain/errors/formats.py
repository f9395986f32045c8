"""Bytes from the network and stored audio that are not what they should be."""

from __future__ import annotations

from fonoteka.domain.errors.base import FonotekaError


class WireMalformed(FonotekaError):
    """Bytes from the network are not what they claim to be."""

    code = "wire.malformed"


class MetadataMalformed(WireMalformed):
    """Recording metadata (RFC 7865) cannot be parsed."""

    code = "wire.metadata_malformed"


class SdpMalformed(WireMalformed):
    """A session description (RFC 8866) cannot be parsed."""

    code = "wire.sdp_malformed"


class CodecUnknown(FonotekaError):
    """No decoder is known for this encoding name."""

    code = "codec.unknown"


class AudioMalformed(FonotekaError):
    """Stored audio is not what it claims to be."""

    code = "audio.malformed"


class AudioTooLong(FonotekaError):
    """The recording lasts longer than one file can hold."""

    code = "audio.too_long"
