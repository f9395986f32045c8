"""The stored file: what goes in comes out, in every decoder, each party on its own channel."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest
from pesq import pesq

from fonoteka.audio.decode import decode_opus
from fonoteka.audio.encode import encode_opus
from fonoteka.audio.ogg import read_packets, read_pages
from fonoteka.audio.opus_header import OpusHead
from fonoteka.audio.opus_packet import OpusPacket
from fonoteka.domain.errors import AudioMalformed
from tests.audio.signals import speech_like
from tests.speech import conversation, human_conversation


@pytest.fixture(scope="module")
def call():
    return conversation()


@pytest.fixture(scope="module")
def stored(call):
    return encode_opus(call, 8000)


def active_pesq(sent, heard, rate=8000):
    """Mean narrowband PESQ over windows of 6 s in which the party speaks."""
    window = 6 * rate
    spans = [slice(at, at + window) for at in range(0, len(sent) - window + 1, window)]
    spans = [span for span in spans if np.mean(np.abs(sent[span]) > 500) > 0.2]
    assert spans
    return np.mean([pesq(rate, sent[span], heard[span], "nb") for span in spans])


def rms(samples):
    return float(np.sqrt(np.mean(np.square(samples.astype(float)))))


def opened(data, decoder):
    """Samples of 48 kHz by ffmpeg's demuxer and a decoder of that name, as a player would."""
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.audio[0]
        context = av.CodecContext.create(decoder, "r")
        context.extradata, context.layout = stream.codec_context.extradata, stream.codec_context.layout
        frames = [frame for packet in container.demux(stream) for frame in context.decode(packet)]
        planar = [_planar(frame) for frame in frames]
    return np.concatenate(planar, axis=1)


def _planar(frame):
    samples = frame.to_ndarray()
    if frame.format.is_planar:
        return samples * (32768 if samples.dtype == np.float32 else 1)
    return samples.reshape(-1, len(frame.layout.channels)).T


def test_parties_sound_well_and_are_not_swapped(call, stored):
    decoded, rate = decode_opus(stored)
    assert rate == 8000
    assert decoded.shape == call.shape
    for sent, heard in zip(call, decoded, strict=True):
        assert active_pesq(sent, heard) >= 3.5
    assert np.corrcoef(call[0], decoded[0])[0, 1] > 0.6 > 0.1 > abs(np.corrcoef(call[0], decoded[1])[0, 1])
    assert np.corrcoef(call[1], decoded[1])[0, 1] > 0.6


def test_human_voices_sound_well():
    call = human_conversation()
    if call is None:  # the prompts are a Debian package; synthetic speech is tested above in any case
        call = conversation()
    decoded, _ = decode_opus(encode_opus(call, 8000))
    assert min(active_pesq(sent, heard) for sent, heard in zip(call, decoded, strict=True)) >= 3.5


def test_nothing_of_one_party_is_heard_in_the_other(call):
    alone = np.stack([call[0], np.zeros_like(call[0])])
    decoded, _ = decode_opus(encode_opus(alone, 8000))
    assert rms(decoded[1]) < 3
    swapped, _ = decode_opus(encode_opus(alone[::-1].copy(), 8000))
    assert np.array_equal(swapped[::-1], decoded)


@pytest.mark.parametrize("decoder", ["libopus", "opus"])
def test_it_plays_as_long_in_any_decoder_without_a_bang(call, stored, decoder):
    heard = opened(stored, decoder)
    assert heard.shape[0] == 2
    assert abs(heard.shape[1] - 6 * call.shape[1]) <= 312
    narrow, _ = decode_opus(stored)
    for party, (sent, known) in enumerate(zip(call, narrow, strict=True)):
        quiet = np.repeat(np.abs(sent[: len(sent) // 800 * 800]).reshape(-1, 800).max(axis=1) < 60, 4800)
        quiet &= np.roll(quiet, 4800) & np.roll(quiet, -4800)
        assert np.abs(heard[party, : len(quiet)][quiet]).max() < 400
        assert rms(heard[party]) == pytest.approx(rms(known), rel=0.05)


@pytest.mark.parametrize("samples", [1, 159, 428, 429, 480, 481, 960, 8000, 80_001])
@pytest.mark.parametrize("channels", [1, 2])
def test_lengths_are_exact(samples, channels):
    sent = np.stack([speech_like(samples / 8000)] * channels)
    decoded, rate = decode_opus(encode_opus(sent, 8000))
    assert (decoded.shape, rate) == ((channels, samples), 8000)


def test_aligned_to_a_sample():
    """Clicks come out where they went in, to within the codec's smear."""
    sent = speech_like(20)
    decoded, _ = decode_opus(encode_opus(sent[None], 8000))
    spectrum = np.fft.rfft(decoded[0].astype(float)) * np.conj(np.fft.rfft(sent.astype(float)))
    lag = int(np.argmax(np.fft.irfft(spectrum)))
    assert min(lag, len(sent) - lag) <= 2


def test_wideband(call):
    wide = conversation(16_000)
    stored = encode_opus(wide, 16_000, "wide")
    decoded, rate = decode_opus(stored)
    assert (decoded.shape, rate) == (wide.shape, 16_000)
    for sent, heard in zip(wide, decoded, strict=True):
        # The profile has 130 kB a minute for both; more would sound better (docs/operate/profiles.md).
        assert active_pesq(sent, heard, 16_000) >= 3.3
        spectrum = np.abs(np.fft.rfft(heard.astype(float)))
        assert spectrum[len(spectrum) * 5 // 8 : len(spectrum) * 7 // 8].mean() > 0.01 * spectrum.mean()


def test_layout_of_the_file(call, stored):
    """archive-format: family 1, two streams, packets of 120 ms, pages of 10 s, pre-skip 312."""
    packets, granule = read_packets(stored)
    assert packets[0][8:] == b"\x01\x02\x38\x01" + (8000).to_bytes(4, "little") + b"\0\0\x01\x02\x00\x00\x01"
    assert packets[1].startswith(b"OpusTags")
    assert granule == 312 + 6 * call.shape[1]
    # The last stream of a packet is framed as an ordinary packet; the first begins with the same TOC.
    assert {packet[0] >> 3 for packet in packets[2:]} == {3}
    pages = list(read_pages(stored))[2:]
    assert [page.granule for page in pages[:-1]] == [
        (index + 1) * 83 * 5760 for index in range(len(pages) - 1)
    ]
    assert all(len(page.body) < 40_000 for page in pages)
    minutes = call.shape[1] / 8000 / 60
    assert len(stored) / minutes < 110_000


def test_one_party_is_family_0():
    packets, _ = read_packets(encode_opus(speech_like(2)[None], 8000))
    head = OpusHead.parse(packets[0])
    assert (head.channels, packets[0][-1]) == (1, 0)
    assert all(OpusPacket.parse(packet).samples == 5760 for packet in packets[2:-1])


def test_the_same_sound_gives_the_same_bytes(call, stored):
    assert encode_opus(call.copy(), 8000) == stored


def test_loudest_sound_and_digital_silence_survive():
    loud = np.tile(np.repeat(np.array([32767, -32768], np.int16), 20), 400)
    decoded, _ = decode_opus(encode_opus(np.stack([loud, np.zeros_like(loud)]), 8000))
    assert rms(decoded[0]) > 10_000
    assert rms(decoded[1]) < 3


@pytest.mark.parametrize("shape", [(0, 100), (3, 100)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="channels"):
        encode_opus(np.zeros(shape, np.int16), 8000)
    with pytest.raises(ValueError, match="Hz"):
        encode_opus(np.zeros((1, 100), np.int16), 44_100)


def test_damaged_files_are_malformed(stored):
    packets, _ = read_packets(stored)
    pages = list(read_pages(stored))
    headers = len(stored) - sum(27 + len(page.lacing) + len(page.body) for page in pages[2:])
    for damaged in (b"", b"RIFF", stored[:-9], stored[headers:], packets[0]):
        with pytest.raises(AudioMalformed):
            decode_opus(damaged)
    silent, _ = decode_opus(stored[:headers])
    assert silent.shape == (2, 0)
