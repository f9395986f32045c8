"""A 66 kB speech model whose alphabet is pure tones, and speech for it.

Each Russian letter, and the space, is one frequency (400 Hz upward in steps of 80 Hz at 8 kHz sampling);
a frame is 240 samples (30 ms). The model has the shape of T-one's CTC export, so the real loader of onnx-asr
decodes it: exact text, token times, batches, log-probabilities. Text survives G.711, Opus, MP3 and AAC.
"""

from __future__ import annotations

import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SAMPLE_RATE_HZ = 8000
FRAME = 240
CHUNK = 2400
_LOUDNESS = 9_000
_FLOOR = 0.15  # a frame that holds but the edge of a tone stays below
ALPHABET = list("абвгдеёжзийклмнопрстуфхцчшщъыьэюя ")
TONES_HZ = [400 + 80 * i for i in range(len(ALPHABET))]


def build() -> onnx.ModelProto:
    letters = len(ALPHABET)
    t = np.arange(FRAME) / SAMPLE_RATE_HZ
    window = np.hanning(FRAME)
    kernels = np.zeros((2 * letters, 1, FRAME), np.float32)
    for i, hz in enumerate(TONES_HZ):
        kernels[i, 0] = np.cos(2 * np.pi * hz * t) * window
        kernels[letters + i, 0] = np.sin(2 * np.pi * hz * t) * window
    kernels *= 2 / window.sum() / 32768
    constants = {
        "kernels": kernels,
        "halves": np.array([letters, letters], np.int64),
        "sharpness": np.array(50.0, np.float32),
        "floor": np.array([_FLOOR], np.float32),
        "zero": np.array(0.0, np.float32),
    }
    n = helper.make_node
    nodes = [
        n("Cast", ["signal"], ["float"], to=TensorProto.FLOAT),
        n("Transpose", ["float"], ["rows"], perm=[0, 2, 1]),
        n("Conv", ["rows", "kernels"], ["parts"], strides=[FRAME]),
        n("Mul", ["parts", "parts"], ["squares"]),
        n("Split", ["squares", "halves"], ["re", "im"], axis=1),
        n("Add", ["re", "im"], ["power"]),
        n("Sqrt", ["power"], ["level"]),
        n("ReduceMax", ["level"], ["peak"], axes=[1], keepdims=1),
        n("Mul", ["peak", "zero"], ["flat"]),
        n("Add", ["flat", "floor"], ["blank"]),
        n("Concat", ["level", "blank"], ["scores"], axis=1),
        n("Mul", ["scores", "sharpness"], ["sharp"]),
        n("Transpose", ["sharp"], ["frames"], perm=[0, 2, 1]),
        n("LogSoftmax", ["frames"], ["logprobs"], axis=-1),
        n("Identity", ["state"], ["state_next"]),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "tone",
        [value("signal", TensorProto.INT32, ["B", CHUNK, 1]), value("state", TensorProto.FLOAT16, ["B", 8])],
        [
            value("logprobs", TensorProto.FLOAT, ["B", CHUNK // FRAME, letters + 1]),
            value("state_next", TensorProto.FLOAT16, ["B", 8]),
        ],
        [numpy_helper.from_array(v, k) for k, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def write_tone_model(folder: pathlib.Path) -> pathlib.Path:
    """Write the model as a folder that onnx-asr loads."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(build(), folder / "model.onnx")
    config = {
        "model_type": "t-one-ctc",
        "decoder_params": {"vocabulary": ALPHABET},
        "encoder_params": {"reduction_kernel_size": 3},
        "pad_token_id": len(ALPHABET),
    }
    (folder / "config.json").write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")
    return folder


def spoken_tones(text: str) -> np.ndarray:
    """A text as int16 samples at 8 kHz: for each letter 60 ms of its tone, then 30 ms of silence."""
    at = np.arange(2 * FRAME) / SAMPLE_RATE_HZ
    pause = np.zeros(FRAME)
    pieces = [
        part
        for letter in text
        for part in (_LOUDNESS * np.sin(2 * np.pi * TONES_HZ[ALPHABET.index(letter)] * at), pause)
    ]
    return np.concatenate(pieces).astype(np.int16)


def tone_talk(*turns: tuple[int, str], gap_s: float = 1.0) -> np.ndarray:
    """A conversation in tones, int16 of shape (2, samples): each turn says a text on a channel."""
    gap = np.zeros(int(gap_s * SAMPLE_RATE_HZ), np.int16)
    channels: list[list[np.ndarray]] = [[gap], [gap]]
    for channel, text in turns:
        sound = spoken_tones(text)
        channels[channel] += [sound, gap]
        channels[1 - channel] += [np.zeros_like(sound), gap]
    return np.stack([np.concatenate(one) for one in channels])
