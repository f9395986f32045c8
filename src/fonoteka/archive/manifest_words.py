"""Words of the CSV that goes with an export, for people; the JSON beside it has codes."""

from __future__ import annotations

HEADINGS: dict[str, tuple[str, ...]] = {
    "en": (
        *("File", "Began at", "Seconds", "Direction"),
        *("Calling number", "Calling name", "Called number", "Called name"),
        *("Bytes", "SHA-256", "Problem", "Call id", "Recording id"),
    ),
    "ru": (
        *("Файл", "Начало", "Секунд", "Направление"),
        *("Номер звонящего", "Имя звонящего", "Номер вызываемого", "Имя вызываемого"),
        *("Байт", "SHA-256", "Что не так", "Звонок", "Запись"),
    ),
}
DIRECTIONS: dict[str, dict[str, str]] = {
    "en": {"incoming": "incoming", "outgoing": "outgoing", "internal": "internal", "unknown": ""},
    "ru": {"incoming": "входящий", "outgoing": "исходящий", "internal": "внутренний", "unknown": ""},
}
PROBLEMS: dict[str, dict[str, str]] = {
    "en": {
        "call.not_found": "There is no such call",
        "recording.not_found": "The call has no recording",
        "recording.not_ready": "Still being processed",
        "recording.silent": "No sound arrived",
        "recording.failed": "Could not be processed",
        "recording.binned": "In the bin",
        "recording.deleted": "Deleted",
        "object.missing": "The audio is not in the storage",
        "objects.unavailable": "The storage did not answer",
        "audio.malformed": "The stored audio is damaged",
        "audio.too_long": "Too long for this format",
    },
    "ru": {
        "call.not_found": "Такого звонка нет",
        "recording.not_found": "У звонка нет записи",
        "recording.not_ready": "Ещё обрабатывается",
        "recording.silent": "Звука не пришло",
        "recording.failed": "Не удалось обработать",
        "recording.binned": "В корзине",
        "recording.deleted": "Удалена",
        "object.missing": "Звука нет в хранилище",
        "objects.unavailable": "Хранилище не ответило",
        "audio.malformed": "Сохранённый звук повреждён",
        "audio.too_long": "Слишком долгая для этого формата",
    },
}
