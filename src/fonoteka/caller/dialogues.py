"""Short business phone calls to speak: for the demo, for benches, for trying an installation.

All names, companies and numbers are invented.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fonoteka.caller import speech
from fonoteka.caller.source import CallAudio, PartyAudio
from fonoteka.caller.speech import Voice, speak
from fonoteka.domain.call import Party

_LEAD_IN_MS = 300
_TAIL_MS = 400
_PAUSE_MS = (250, 650)
_CALLING, _CALLED = Party.CALLING, Party.CALLED


@dataclass(frozen=True, slots=True)
class Turn:
    """What one party says, `gap_ms` after the turn before; negative: before its end, None: a usual pause."""

    party: Party
    text: str
    gap_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One phone call: who talks with whom, and what they say in turn."""

    name: str
    language: str
    calling: str
    calling_name: str
    calling_voice: Voice
    called: str
    called_name: str
    called_voice: Voice
    turns: tuple[Turn, ...]


DIALOGUES = (
    Dialogue(
        "order",
        "ru",
        "+74951234567",
        "Ирина Соколова",
        speech.VERA,
        "101",
        "Борис, отдел заказов",
        speech.BORIS,
        (
            Turn(_CALLED, "Добрый день, компания «Северный чай», меня зовут Борис. Чем могу помочь?"),
            Turn(_CALLING, "Здравствуйте, Борис. Хочу заказать двенадцать коробок чёрного чая."),
            Turn(_CALLED, "Да, конечно. На какое имя оформить?", -180),
            Turn(_CALLING, "Соколова Ирина, кафе «Причал»."),
            Turn(
                _CALLED,
                "Записал. С вас восемь тысяч четыреста рублей, номер заказа двадцать один сорок семь.",
            ),
            Turn(_CALLING, "Двадцать один сорок семь. А когда привезёте?"),
            Turn(_CALLED, "В четверг, с десяти до двух. Удобно?"),
            Turn(_CALLING, "Да, отлично. Спасибо, до свидания!", -120),
            Turn(_CALLED, "Всего доброго!"),
        ),
    ),
    Dialogue(
        "delivery",
        "ru",
        "+79161230045",
        "Курьер Павел",
        speech.PAVEL,
        "105",
        "Анна, склад",
        speech.ANNA,
        (
            Turn(_CALLED, "Склад, Анна, слушаю вас."),
            Turn(_CALLING, "Алло, это Павел, водитель. Я у ворот, везу заказ тридцать пять десять."),
            Turn(_CALLED, "Тридцать пять десять… Да, вижу. Сколько у вас мест?"),
            Turn(_CALLING, "Шесть мест, двести сорок килограммов."),
            Turn(_CALLED, "Хорошо. Заезжайте к третьему доку, охрана откроет.", -150),
            Turn(_CALLING, "К третьему? В накладной написано — ко второму."),
            Turn(_CALLED, "Второй сейчас занят, поэтому к третьему. Печать поставим там же."),
            Turn(_CALLING, "Понял, третий док. Буду через пять минут."),
            Turn(_CALLED, "Ждём вас."),
        ),
    ),
    Dialogue(
        "complaint",
        "ru",
        "+78127654321",
        "Михаил Орлов",
        speech.MIKHAIL,
        "102",
        "Елена, контроль качества",
        speech.ELENA,
        (
            Turn(_CALLED, "Служба качества, Елена. Здравствуйте."),
            Turn(
                _CALLING,
                "Добрый день. Моя фамилия Орлов. Вчера мне привезли кофемашину, и она не включается!",
            ),
            Turn(_CALLED, "Мне очень жаль. Назовите, пожалуйста, номер договора.", -200),
            Turn(_CALLING, "Семьдесят восемь, четыреста двенадцать."),
            Turn(_CALLED, "Вижу. Лампочка на передней панели горит?"),
            Turn(_CALLING, "Нет, не горит. Я пробовал две розетки. Это никуда не годится."),
            Turn(_CALLED, "Понимаю вас. Завтра до полудня мастер привезёт вам новую и заберёт эту."),
            Turn(_CALLING, "Бесплатно?", -60),
            Turn(_CALLED, "Разумеется. И мы вернём вам стоимость доставки, шестьсот рублей."),
            Turn(_CALLING, "Вот это другой разговор. Спасибо, Елена."),
        ),
    ),
    Dialogue(
        "internal",
        "ru",
        "103",
        "Денис, бухгалтерия",
        speech.DENIS,
        "104",
        "Вера, кадры",
        speech.VERA,
        (
            Turn(_CALLED, "Отдел кадров, Вера."),
            Turn(_CALLING, "Вера, привет, это Денис из бухгалтерии. Есть минутка?"),
            Turn(_CALLED, "Привет! Да, говори.", -100),
            Turn(_CALLING, "Мне нужен приказ на отпуск Кузнецова, с четырнадцатого июля."),
            Turn(_CALLED, "На двадцать восемь дней?"),
            Turn(_CALLING, "Нет, на четырнадцать. Вторую половину он возьмёт в сентябре."),
            Turn(_CALLED, "Поняла. Пришлю тебе до трёх часов, приказ номер пятьдесят шесть."),
            Turn(_CALLING, "Супер. И не забудь подпись директора.", -140),
            Turn(_CALLED, "Она уже есть. Обедать идёшь?"),
            Turn(_CALLING, "Через десять минут. Встретимся у лифта!"),
        ),
    ),
    Dialogue(
        "sales",
        "ru",
        "106",
        "Анна, отдел продаж",
        speech.ANNA,
        "+73432001020",
        "Гостиница «Урал»",
        speech.DENIS,
        (
            Turn(_CALLED, "Гостиница «Урал», здравствуйте."),
            Turn(
                _CALLING,
                "Добрый день! Меня зовут Анна, компания «Северный чай». Кто у вас отвечает за закупки?",
            ),
            Turn(_CALLED, "Это я, Денис Петрович. Только у меня совсем мало времени."),
            Turn(
                _CALLING,
                "Тогда коротко. Мы поставляем чай и кофе для завтраков, в полтора раза дешевле розницы.",
            ),
            Turn(_CALLED, "У нас уже есть поставщик.", -220),
            Turn(
                _CALLING, "Понимаю. Давайте пришлю бесплатные образцы, двадцать сортов, и вы сравните сами."
            ),
            Turn(_CALLED, "Ну, образцы можно. Присылайте на улицу Ленина, дом пятнадцать."),
            Turn(_CALLING, "Записала. Перезвоню вам во вторник, в одиннадцать."),
            Turn(_CALLED, "Договорились. До свидания."),
        ),
    ),
    Dialogue(
        "wrong-number",
        "ru",
        "+79030009988",
        "",
        speech.ELENA,
        "101",
        "Борис, отдел заказов",
        speech.BORIS,
        (
            Turn(_CALLED, "Компания «Северный чай», Борис. Добрый день."),
            Turn(_CALLING, "Здравствуйте, мне бы записаться к зубному врачу на пятницу."),
            Turn(_CALLED, "Простите, вы ошиблись номером. Это чайная компания.", -130),
            Turn(_CALLING, "Ой, извините! Это не сто двадцать три, сорок пять, шестьдесят восемь?"),
            Turn(_CALLED, "Нет, у нас в конце шестьдесят семь. Вы ошиблись на одну цифру."),
            Turn(_CALLING, "Надо же. Простите за беспокойство."),
            Turn(_CALLED, "Ничего страшного. Будет нужен чай, звоните!"),
            Turn(_CALLING, "Обязательно. Всего доброго."),
        ),
    ),
    Dialogue(
        "support",
        "ru",
        "+74957770011",
        "Павел Зимин",
        speech.PAVEL,
        "107",
        "Михаил, поддержка",
        speech.MIKHAIL,
        (
            Turn(_CALLED, "Техническая поддержка, Михаил, слушаю."),
            Turn(_CALLING, "Добрый день. Не могу войти в личный кабинет, пишет: ошибка четыреста три."),
            Turn(_CALLED, "Сейчас посмотрим. Под каким логином заходите?"),
            Turn(_CALLING, "Зимин, восемьдесят семь."),
            Turn(_CALLED, "Так… Вижу, пять неудачных попыток, вход закрыт на полчаса."),
            Turn(_CALLING, "А раньше открыть нельзя? Мне срочно нужен счёт.", -160),
            Turn(_CALLED, "Можно. Отправил код на ваш телефон, прочитайте его, пожалуйста."),
            Turn(_CALLING, "Секунду… Шесть, ноль, два, девять."),
            Turn(_CALLED, "Всё, открыл. Попробуйте ещё раз."),
            Turn(_CALLING, "Работает! Спасибо большое, Михаил."),
        ),
    ),
    Dialogue(
        "english",
        "en",
        "+442079460123",
        "Alice Brown",
        speech.ALICE,
        "108",
        "Boris, export desk",
        speech.BORIS,
        (
            Turn(_CALLED, "Northern Tea, export desk, Boris speaking. How can I help you?"),
            Turn(
                _CALLING,
                "Hello Boris, this is Alice Brown from London. I am calling about invoice four one seven.",
            ),
            Turn(_CALLED, "Four one seven, yes, I have it here.", -150),
            Turn(_CALLING, "It says thirty boxes, but we have received only twenty six."),
            Turn(_CALLED, "I am sorry about that. Let me check with the warehouse."),
            Turn(_CALLED, "You are right, four boxes are still in Riga. They arrive on Monday.", 900),
            Turn(_CALLING, "Could you correct the invoice until then?"),
            Turn(_CALLED, "Of course. I will send a new one within the hour."),
            Turn(_CALLING, "Perfect, thank you very much. Goodbye."),
        ),
    ),
)


def dialogue_audio(dialogue: Dialogue, *, seed: int | None = None, slowness: float = 1.0) -> CallAudio:
    """Speak a dialogue: two voices of equal length, each silent while only the other speaks.

    Pauses are the same each time, or the same for a seed, and so many times as long; espeak-ng's voices
    differ by some samples. Raises `SpeechUnavailable`.
    """
    pauses = random.Random(dialogue.name if seed is None else seed)  # noqa: S311 - pauses, not secrets
    voices = {_CALLING: dialogue.calling_voice, _CALLED: dialogue.called_voice}
    placed: list[tuple[Party, int, NDArray[np.int16]]] = []
    rate, end = 0, 0
    free_from = {_CALLING: 0, _CALLED: 0}
    for turn in dialogue.turns:
        samples, rate = _spoken(turn.text, dialogue.language, voices[turn.party])
        gap_ms = round(slowness * pauses.randint(*_PAUSE_MS)) if turn.gap_ms is None else turn.gap_ms
        start = end + (gap_ms if placed else _LEAD_IN_MS) * rate // 1000
        start = max(start, free_from[turn.party])  # nobody talks over themselves
        placed.append((turn.party, start, samples))
        free_from[turn.party] = start + len(samples)
        end = max(end, start + len(samples))
    length = end + _TAIL_MS * rate // 1000
    lanes = {party: np.zeros(length, np.int16) for party in voices}
    for party, start, samples in placed:
        lanes[party][start : start + len(samples)] = samples
    return CallAudio(PartyAudio(lanes[_CALLING], rate), PartyAudio(lanes[_CALLED], rate))


@lru_cache(maxsize=128)
def _spoken(text: str, language: str, voice: Voice) -> tuple[NDArray[np.int16], int]:
    """As `speak`; a demo of hundreds of calls has some seventy sentences. Not to be written to."""
    return speak(text, language, voice)
