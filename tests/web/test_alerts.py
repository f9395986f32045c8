"""The pages of alerts: state and banner, who is told, the log; in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from fonoteka.alerts import AlertRoom, Desk, MailServer, MailTls, WebhookLimits, deliver_due
from fonoteka.domain.alerts import Condition
from tests.alerts.receivers import LOOPBACK, Receiver
from tests.web.site import Site

NOBODY_LISTENS = MailServer("127.0.0.1", 1, MailTls.NONE, "", "", "fonoteka@example.com", 2.0)


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """With a mail server that nobody runs; webhooks may reach loopback."""
    return make_site(alert_settings={"mail": NOBODY_LISTENS, "webhooks": WebhookLimits(LOOPBACK, 3.0)})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.stop()


def disk_low(alerts: AlertRoom, level: int = 1) -> None:
    facts = {"machine": "alpha<b>", "free_bytes": 1_500_000_000, "needed_bytes": 200_000_000}
    Desk(alerts).report(Condition.DISK_LOW, "default", "n", facts, level)


def test_what_is_wrong_stands_on_every_page_until_somebody_takes_note(site: Site) -> None:
    browser = site.signed_in()
    assert "Сейчас всё в порядке" in browser.get("/alerts").text
    disk_low(site.alerts)
    Desk(site.alerts).report(Condition.RECORDER_DOWN, "default", "n", {"machine": "alpha"})
    for page in ("/calls", "/ledger", "/alerts", "/alerts/banner"):
        text = browser.get(page).text
        assert 'class="alarm critical"' in text, page
        assert "Запись звонков не работает" in text
        assert "И ещё 1 оповещение." in text
    page = browser.get("/alerts").text
    assert "Сейчас 2 неполадки" in page
    assert "На диске мало места" in page
    assert "alpha&lt;b&gt;" in page
    for alert_id in re.findall(r"/alerts/([0-9a-f-]{36})/acknowledge", page):
        assert browser.post(f"/alerts/{alert_id}/acknowledge").status_code == 303
    assert "alarm" not in browser.get("/calls").text
    assert "принято к сведению" in browser.get("/alerts").text
    disk_low(site.alerts, 2)
    assert "Диск заполнен" in browser.get("/calls").text
    assert "The disk is full" in site.signed_in("en").get("/calls").text


def test_nobody_is_told_until_an_address_is_set(site: Site) -> None:
    browser = site.signed_in()
    assert "адрес, на который писать, не указан" in browser.get("/alerts").text
    page = browser.get("/alerts/channels").text
    assert "Вам пока никто не напишет" in page
    assert "ни о чём: нет адреса" in page
    refused = browser.post("/alerts/own-address", data={"email": "анна", "language": "ru"})
    assert (refused.status_code, "«анна» – не адрес почты." in refused.text) == (422, True)
    assert 'value="анна"' in refused.text
    saved = browser.post("/alerts/own-address", data={"email": "anna@example.com", "language": "ru"})
    assert saved.status_code == 303
    page = browser.get("/alerts/channels").text
    assert page.count("anna@example.com") == 2
    assert "не указан" not in browser.get("/alerts").text


def test_a_test_button_says_how_it_went(site: Site, receiver: Receiver) -> None:
    browser = site.signed_in()
    form = {
        "kind": "webhook",
        "name": "Чат",
        "address": receiver.url,
        "minimum": "warning",
        "is_enabled": "yes",
    }
    made = browser.post("/alerts/channels/save", data=form)
    secret = re.search(r"whsec_[\w-]{43}", made.text)
    assert secret, "shown this once"
    page = browser.get("/alerts/channels").text
    assert secret[0] not in page
    channel_id = re.search(r"edit=([0-9a-f-]{36})#form\"><b>Чат", page)
    assert channel_id
    asked = browser.post("/alerts/channels/test", data={"id": channel_id[1]})
    assert asked.status_code == 303
    page = browser.get(asked.headers["location"]).text
    assert "отправляется" in page
    result = re.search(r'hx-get="(/alerts/deliveries/[^"]+/result)"', page)
    assert result
    receiver.status = 500
    deliver_due(site.alerts)
    text = browser.get(result[1]).text
    assert "Получатель отказался" in text
    assert "Следующая попытка" in text
    receiver.status = 200
    replay = result[1].replace("/result", "/replay")
    assert browser.post(replay).status_code == 303
    deliver_due(site.alerts)
    text = browser.get(result[1]).text
    assert "получатель принял" in text
    assert "hx-get" not in text, "it asks no more"
    log = browser.get("/alerts/deliveries?state=sent").text
    assert log.count("принято") == 2, "the filter's name and the row"
    assert "2 попытки" in log
    assert "Ещё ничего не отправлено" in browser.get("/alerts/deliveries?state=dead").text


def test_channels_are_changed_and_deleted(site: Site) -> None:
    browser = site.signed_in("en")
    form = {
        "kind": "email",
        "name": "On call",
        "address": "a@example.com",
        "language": "en",
        "is_enabled": "yes",
    }
    assert browser.post("/alerts/channels/save", data={**form, "name": " "}).status_code == 422
    assert browser.post("/alerts/channels/save", data=form).status_code == 303
    page = browser.get("/alerts/channels").text
    (channel_id,) = re.findall(r"edit=([0-9a-f-]{36})#form\"><b>On call", page)
    editing = browser.get(f"/alerts/channels?edit={channel_id}").text
    assert 'value="a@example.com"' in editing
    off = {**form, "id": channel_id, "minimum": "critical"}
    del off["is_enabled"]
    assert browser.post("/alerts/channels/save", data=off).status_code == 303
    assert '<span class="mut">off</span>' in browser.get("/alerts/channels").text
    assert browser.post("/alerts/channels/delete", data={"id": channel_id}).status_code == 303
    assert "On call" not in browser.get("/alerts/channels").text
    assert browser.post("/alerts/channels/delete", data={"id": channel_id}).status_code == 404
    assert browser.post("/alerts/nothing/acknowledge").status_code == 404


def test_strangers_see_nothing(site: Site) -> None:
    disk_low(site.alerts)
    for page in ("/alerts", "/alerts/channels", "/alerts/deliveries", "/alerts/banner"):
        assert site.visitor().get(page).status_code in (303, 401), page


def test_a_form_of_another_site_is_refused(site: Site) -> None:
    browser = site.signed_in()
    answer = browser.post(
        "/alerts/own-address", data={"email": "evil@example.com"}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
