"""Русские слова оповещений. О каждом: что неладно, что это значит, что делать."""

from __future__ import annotations

from fonoteka.alerts.facts import FactWriter
from fonoteka.domain.alerts import Condition, NewsKind

Triple = tuple[str, str, str]


def _filling(f: FactWriter, level: int) -> Triple:
    days = f", примерно через {f.counted('days_left', 'день', 'дня', 'дней')}" if f.has("days_left") else ""
    when = ""
    if f.has("full_on") and level < 100:
        when = f" Такими темпами место закончится {f.day('full_on')}{days}."
    title = (
        "Место для записей закончилось"
        if level >= 100
        else f"Место для записей занято на {f.percent('percent')}"
    )
    text = f"Занято {f.size('used_bytes')} из {f.size('quota_bytes')}.{when}"
    return title, text, "Увеличьте предел места, сократите срок хранения или удалите ненужное."


def _overwriting(f: FactWriter, level: int) -> Triple:
    text = (
        "Место закончилось, поэтому новые записи ложатся поверх самых старых из тех, что ничем не защищены."
    )
    if f.has("oldest_at"):
        text += f" Самая старая из оставшихся – от {f.moment('oldest_at')}."
    return (
        "Старые записи стираются",
        text,
        "Если они ещё нужны, увеличьте предел места или удержите важные.",
    )


def _refusing(f: FactWriter, level: int) -> Triple:
    return (
        "Новые записи не сохраняются",
        f"Занято всё место ({f.size('quota_bytes')}), и всё защищено. Разговоры идут, но не сохраняются.",
        "Увеличьте предел места или снимите защиту с того, что можно удалить.",
    )


def _disk_low(f: FactWriter, level: int) -> Triple:
    machine = f" (сервер {f.text('machine')})" if f.has("machine") else ""
    free = f"На диске с данными{machine} свободно {f.size('free_bytes')}."
    if level >= 2:
        title, text = "Диск заполнен", f"{free} Новые звонки не записываются."
    else:
        title = "На диске мало места"
        text = (
            f"{free} Когда останется меньше {f.size('needed_bytes')}, новые звонки перестанут записываться."
        )
    return title, text, "Освободите место или перенесите папку с данными на диск побольше."


def _recorder_down(f: FactWriter, level: int) -> Triple:
    return (
        "Запись звонков не работает",
        f"Новые звонки на сервере {f.text('machine')} не записываются.",
        "Запустите fonoteka serve снова и посмотрите в журнал.",
    )


def _worker_down(f: FactWriter, level: int) -> Triple:
    waiting = ""
    if f.has("waiting"):
        waiting = f" В очереди {f.counted('waiting', 'запись', 'записи', 'записей')}."
    return (
        "Записи не обрабатываются",
        f"Звонки на сервере {f.text('machine')} записываются, но послушать их пока нельзя.{waiting}",
        "Запустите fonoteka serve снова и посмотрите в журнал.",
    )


def _connector_lost(f: FactWriter, level: int) -> Triple:
    since = f" с {f.moment('since')}" if f.has("since") else ""
    return (
        f"Нет связи с {f.text('connector')}",
        f"АТС не отвечает{since}. Звонки, которые начинаются в это время, не записываются.",
        "Проверьте, работает ли АТС, доступна ли она с этого сервера и подходят ли имя и пароль из настроек.",
    )


def _missing(f: FactWriter, level: int) -> Triple:
    counted = f.counted("calls", "звонку", "звонкам", "звонкам")
    return (
        "Не хватает записей",
        f"За последние сутки не нашлось записей к {counted}.",
        "Они видны на странице «Полнота». Проверьте, отправляет ли АТС эти звонки на запись.",
    )


def _failed(f: FactWriter, level: int) -> Triple:
    counted = f.counted(
        "recordings", "запись лежит нетронутой", "записи лежат нетронутыми", "записей лежат нетронутыми"
    )
    return (
        "Не удалось обработать записи",
        f"{counted} в spool/failed на сервере {f.text('machine')}.",
        "Причина названа в журнале. Чтобы попробовать ещё раз, перенесите папку записи в spool/sealed.",
    )


def _clock(f: FactWriter, level: int) -> Triple:
    since = f" с {f.moment('since')}" if f.has("since") else ""
    return (
        "Часы сервера убежали вперёд",
        f"Поэтому{since} старые записи не удаляются: иначе они пропали бы раньше срока.",
        "Поставьте верное время и доверьте его NTP, затем подтвердите командой fonoteka storage confirm.",
    )


def _audio_missing(f: FactWriter, level: int) -> Triple:
    counted = f.counted("recordings", "записи", "записей", "записей")
    return (
        "В хранилище не хватает звука",
        f"При сверке не сошёлся звук {counted}: файлов нет на месте или их размер другой.",
        "Какие это записи, скажет команда fonoteka storage audit. Верните файлы из резервной копии.",
    )


def _topic(f: FactWriter, level: int) -> Triple:
    page = f" {f.text('page')}" if f.has("page") else ""
    return (
        f"Прозвучала тема «{f.text('topic')}»",
        f"В {f.counted('calls', 'новом звонке', 'новых звонках', 'новых звонках')}.{page}",
        "Послушайте на странице звонка, с отмеченного места.",
    )


CONDITIONS = {
    Condition.STORAGE_FILLING: _filling,
    Condition.STORAGE_OVERWRITING: _overwriting,
    Condition.STORAGE_REFUSING: _refusing,
    Condition.DISK_LOW: _disk_low,
    Condition.RECORDER_DOWN: _recorder_down,
    Condition.WORKER_DOWN: _worker_down,
    Condition.CONNECTOR_LOST: _connector_lost,
    Condition.RECORDING_MISSING: _missing,
    Condition.RECORDING_FAILED: _failed,
    Condition.TOPIC_HEARD: _topic,
    Condition.CLOCK_JUMPED: _clock,
    Condition.AUDIO_MISSING: _audio_missing,
}
KINDS = {
    NewsKind.RAISED: "Новое",
    NewsKind.ESCALATED: "Стало хуже",
    NewsKind.REMINDED: "Всё ещё так",
    NewsKind.CLEARED: "Прошло",
}
PHRASES = {
    "since": "С %s",
    "was": "С %s по %s",
    "open": "Открыть оповещения",
    "digest": "Несколько оповещений: %d",
    "digest_text": "За час их набралось столько, что остальные собраны в одно письмо.",
    "why": "Письмо пришло, потому что этот адрес указан в оповещениях «%s».",
    "why_alone": "Письмо пришло, потому что этот адрес указан в оповещениях Фонотеки.",
    "test_subject": "Проверка оповещений",
    "test_text": "Это письмо отправлено кнопкой проверки. Так же будут приходить оповещения.",
    "product": "Фонотека",
}
