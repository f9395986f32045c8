"""Models that can be pulled by name, and the kinds that onnx-asr loads."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = frozenset(
    {
        *("t-one-ctc", "vosk", "kaldi-rnnt", "whisper", "whisper-ort"),
        *("gigaam-v2-ctc", "gigaam-v2-rnnt", "gigaam-v3-ctc", "gigaam-v3-rnnt"),
        *("gigaam-v3-e2e-ctc", "gigaam-v3-e2e-rnnt", "gigaam-multilingual-ctc"),
        *("nemo-conformer-ctc", "nemo-conformer-rnnt", "nemo-conformer-tdt", "nemo-conformer-aed"),
    }
)


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model on the hub: which files of which repository (patterns), for which languages, how large."""

    name: str
    kind: str
    repository: str
    files: tuple[str, ...]
    languages: tuple[str, ...]
    megabytes: int
    licence: str
    quantization: str = ""


CATALOGUE = (
    KnownModel(
        "t-one", "t-one-ctc", "t-tech/T-one", ("model.onnx", "config.json"), ("ru",), 144, "Apache-2.0"
    ),
    KnownModel(
        "gigaam-v3-ctc",
        "gigaam-v3-ctc",
        "istupakov/gigaam-v3-onnx",
        ("v3_ctc.int8.onnx", "v3_vocab.txt", "config.json"),
        ("ru",),
        225,
        "MIT",
        "int8",
    ),
    KnownModel(
        "gigaam-v3-rnnt",
        "gigaam-v3-rnnt",
        "istupakov/gigaam-v3-onnx",
        ("v3_rnnt_*.int8.onnx", "v3_vocab.txt", "config.json"),
        ("ru",),
        230,
        "MIT",
        "int8",
    ),
    KnownModel(
        "gigaam-v3-e2e-ctc",
        "gigaam-v3-e2e-ctc",
        "istupakov/gigaam-v3-onnx",
        ("v3_e2e_ctc.int8.onnx", "v3_e2e_ctc_vocab.txt", "config.json"),
        ("ru",),
        225,
        "MIT",
        "int8",
    ),
    KnownModel(
        "parakeet-v3",
        "nemo-conformer-tdt",
        "istupakov/parakeet-tdt-0.6b-v3-onnx",
        ("encoder-model.int8.onnx", "decoder_joint-model.int8.onnx", "vocab.txt", "config.json"),
        ("*",),
        670,
        "CC-BY-4.0",
        "int8",
    ),
    KnownModel(
        "whisper-base",
        "whisper-ort",
        "istupakov/whisper-base-onnx",
        ("whisper-*_beamsearch.int8.onnx", "vocab.json", "added_tokens.json", "config.json"),
        ("*",),
        120,
        "MIT",
        "int8",
    ),
)
