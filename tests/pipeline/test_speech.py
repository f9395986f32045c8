"""A real worker analyses what it has shelved, and the back archive when it is told to."""

from __future__ import annotations

from pathlib import Path

from fonoteka import wiring
from fonoteka.domain.analysis import TalkAnalysis
from fonoteka.domain.call import Party
from fonoteka.settings import load_settings
from tests.pipeline.folders import manifest, put, sound_stream
from tests.service import Service, wait_for
from tests.sounds import write_wav
from tests.speech_room.recordings import talk


def test_the_worker_analyses_new_and_old(service: Service, tmp_path: Path) -> None:
    sound = write_wav(tmp_path / "talk.wav", talk(8), 8000)
    streams = (sound_stream(0, party=Party.CALLING), sound_stream(1, party=Party.CALLED))
    made = manifest(streams)
    put(service.data, made, {"sound.wav": sound})
    service.start("fonoteka", "worker")
    rooms = wiring.open_rooms(load_settings(data=service.data))
    try:

        def analysis() -> TalkAnalysis | None:
            with rooms.store.reading() as tx:
                return tx.talks.get(made.tenant_id, made.recording_id)

        first = wait_for(analysis)
        assert first.figures is not None
        assert first.figures.recorded_ms == 8_000
        assert [one.spoken_ms > 1_000 for one in first.figures.parties] == [True, True]
        assert "0 recordings are to be analysed" in service.run("speech", "rerun", "--until", "2027-01-01")
        assert "1 recordings are to be analysed" in service.run("speech", "rerun", "--all")
        second = analysis()
        assert second is not None
        assert second.analysed_at > first.analysed_at
        assert second.figures == first.figures
        assert service.run("speech", "status").strip() == "new: 0; back-log: 0"
    finally:
        rooms.close()
