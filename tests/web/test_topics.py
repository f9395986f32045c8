"""Topics in the pages: starters, the editor with its trial, undo, the call page, the filter of the list."""

from __future__ import annotations

import re
from dataclasses import replace

from fonoteka.domain.call import Call
from fonoteka.domain.transcript import Transcript, Utterance, Word
from fonoteka.speech import topics
from fonoteka.speech.topics import TopicReader
from fonoteka.speech.words import indexed
from tests.examples import actor
from tests.web.site import Site


def saying(site: Site, *texts: str) -> Call:
    """A call whose parties say these in turn, a word a second, not read for any topic yet."""
    one = site.add()
    recording, said, at = one.recordings[0], [], 0
    for place, text in enumerate(texts):
        words = []
        for word in text.split():
            words.append(Word(word, at, at + 500))
            at += 1_000
        said.append(Utterance(place % 2, tuple(words)))
    told = Transcript(recording.id, one.id, "default", "ru", "by hand", one.started_at, tuple(said))
    with site.archive.store.transaction() as tx:
        tx.transcripts.save(told)
        tx.transcript_search.write(told, indexed(texts))
        tx.topic_hits.save("default", one.id, recording.id, 0, [])
    return one


def read(site: Site) -> None:
    while TopicReader(site.speech).work(with_backlog=True):
        pass


def test_from_a_starter_to_the_moment_in_a_call(site: Site) -> None:
    client = site.signed_in()
    empty = client.get("/topics").text
    assert "Тем пока нет" in empty
    assert empty.index("ru.complaint") < empty.index("en.complaint")
    assert client.post("/topics", data={"starter": "ru.cancellation"}).status_code == 303
    one = saying(site, "я хочу вернуть мои деньги", "здравствуйте чем помочь")
    [topic] = topics.list_topics(site.speech, actor())
    page = client.get("/topics").text
    assert "осталась 1 запись" in page
    assert "ru.cancellation" not in page
    assert "ru.complaint" in page
    read(site)
    page = client.get("/topics").text
    assert "осталась" not in page
    assert f"/calls?period=month&amp;topic={topic.id}" in page
    assert client.get("/topics/left").text.count("hx-get") == 0
    call = client.get(f"/calls/{one.id}").text
    assert "«вернуть мои деньги»" in call
    assert 'href="#t=1.5"' in call
    assert call.count('class="w topic" title="Отказ"') == 3
    assert call.count("<line") == 1, "a tick on the picture of the sound"
    listed = client.get(f"/calls?topic={topic.id}").text
    assert "Тема «Отказ»" in listed
    assert one.id in listed
    assert client.get("/calls?topic=nothing").text.count("data-call=") == 0


def test_phrases_are_tried_while_they_are_written(site: Site) -> None:
    one = saying(site, "добрый день", "вернуть деньги", "деньги")
    client = site.signed_in()
    shown = client.post("/topics/try", data={"phrases": "вернуть деньги\r\nденьги @agent\r\nнигде"}).text
    assert "Найдено в 1 из последнего 1 звонка" in shown
    assert re.findall(r"<mark>(.*?)</mark>", shown) == ["вернуть деньги", "деньги"]
    assert f'href="/calls/{one.id}#t=1.5"' in shown
    assert 'data-from="1.5"' in shown
    assert "Ничего не нашли строки: 3" in shown
    assert (
        "Строка 2, знак 6: скобка не закрыта."
        in client.post("/topics/try", data={"phrases": "один\nдва, (три"}).text
    )
    assert "во фразе не больше 400 знаков" in client.post("/topics/try", data={"phrases": "о" * 5_000}).text
    assert "Напишите фразу" in client.post("/topics/try", data={"phrases": " "}).text
    assert "Line 1" in site.signed_in("en").post("/topics/try", data={"phrases": "("}).text


def test_a_topic_is_made_changed_deleted_and_brought_back(site: Site) -> None:
    client = site.signed_in()
    fields = {"name": "Возврат", "description": "", "phrases": "деньги", "active": "yes", "edits": "0"}
    assert 'hx-post="/topics/try"' in client.get("/topics/new").text
    assert client.post("/topics/new", data=fields).status_code == 303
    [topic] = topics.list_topics(site.speech, actor())
    again = client.post("/topics/new", data=fields)
    assert (again.status_code, "уже есть" in again.text) == (422, True)
    wrong = client.post(f"/topics/{topic.id}", data={**fields, "edits": "1", "phrases": ""})
    assert (wrong.status_code, "хотя бы одна фраза" in wrong.text) == (422, True)
    saved = client.post(f"/topics/{topic.id}", data={**fields, "edits": "1", "alerts": "yes"})
    assert saved.status_code == 303
    late = client.post(f"/topics/{topic.id}", data={**fields, "edits": "1", "name": "Другое"})
    assert (late.status_code, "Другое" in late.text) == (409, True)
    assert "Оповещает о новых звонках" in client.get("/topics").text
    gone = client.post(f"/topics/{topic.id}", data={**fields, "do": "delete"})
    assert "Тема удалена" in client.get(gone.headers["location"]).text
    assert client.get(f"/topics/{topic.id}").status_code == 404
    client.post("/topics/restore", data={"id": topic.id})
    assert [one.name for one in topics.list_topics(site.speech, actor())] == ["Возврат"]


def test_the_starters_of_both_languages_can_be_read(site: Site) -> None:
    client = site.signed_in()
    for starter in re.findall(r'value="((?:ru|en)\.\w+)"', client.get("/topics").text):
        assert client.post("/topics", data={"starter": starter}).status_code == 303, starter
    assert len(topics.list_topics(site.speech, actor())) == 18
    assert client.get("/topics").text.count('name="starter"') == 0
    assert client.post("/topics", data={"starter": "ru.price"}).status_code == 422
    assert client.post("/topics", data={"starter": "de.price"}).status_code == 400
    theirs = topics.list_topics(site.speech, replace(actor(), tenant_id="theirs"))
    assert theirs == ()
