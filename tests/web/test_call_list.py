"""The call list: what stands in the address decides what is shown."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from fonoteka.domain.call import Direction
from fonoteka.domain.recording import EndReason, RecordingState
from fonoteka.web.address_values import TEXT_MAX
from fonoteka.web.filters import Filters, Period
from tests.web.site import Site

EVENING = datetime(2026, 3, 2, 20, 30, tzinfo=UTC)  # already the next day in Moscow from 21:00 on


def shown(browser: TestClient, address: str) -> list[str]:
    """The ids of the calls that a page shows, in its order."""
    answer = browser.get(address)
    assert answer.status_code == 200
    return re.findall(r'data-call="([^"]+)"', answer.text)


def test_calls_stand_newest_first_under_their_days(site: Site) -> None:
    before = site.add(EVENING)
    after = site.add(EVENING + timedelta(hours=1))
    page = site.signed_in().get("/calls").text
    assert page.index(after.id) < page.index(before.id)
    assert re.findall(r'data-day="([^"]+)"', page) == ["2026-03-03", "2026-03-02"]
    assert re.findall(r'<time class="time"[^>]*>([^<]+)', page) == ["00:30", "23:30"]


def test_days_are_those_of_the_visitor(site: Site) -> None:
    site.add(EVENING)
    site.add(EVENING + timedelta(hours=1))
    page = site.signed_in(zone="America/New_York").get("/calls").text
    assert re.findall(r'data-day="([^"]+)"', page) == ["2026-03-02"]
    assert "15:30" in page


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "x" * 3000])
def test_a_zone_that_is_none_is_passed_over(site: Site, zone: str) -> None:
    site.add()
    assert site.signed_in(zone=zone).get("/calls").status_code == 200


def test_filters_stand_in_the_address(site: Site) -> None:
    incoming = site.add()
    outgoing = site.add(direction=Direction.OUTGOING, client=("Олег Савченко", "+79000000022"))
    old = site.add(datetime.now(UTC) - timedelta(days=40), client=("", "+442079460123"))
    browser = site.signed_in()
    assert set(shown(browser, "/calls")) == {incoming.id, outgoing.id, old.id}
    assert shown(browser, "/calls?direction=outgoing") == [outgoing.id]
    assert shown(browser, "/calls?q=савченко") == [outgoing.id]
    assert shown(browser, "/calls?q=%2B44+20+7946") == [old.id]
    assert set(shown(browser, "/calls?period=month")) == {incoming.id, outgoing.id}
    day = old.started_at.date()
    around = f"from={day - timedelta(days=1)}&to={day + timedelta(days=1)}"
    assert shown(browser, f"/calls?{around}") == [old.id]
    assert shown(browser, f"/calls?{around}&direction=outgoing") == []


def test_a_filter_can_be_taken_off_and_the_others_stay(site: Site) -> None:
    site.add()
    page = site.signed_in().get("/calls?q=Ирина&direction=incoming&period=week").text
    off = re.findall(r'class="chip-x" href="([^"]+)"', page)
    assert off == [
        "/calls?q=%D0%98%D1%80%D0%B8%D0%BD%D0%B0&amp;direction=incoming",
        "/calls?q=%D0%98%D1%80%D0%B8%D0%BD%D0%B0&amp;period=week",
    ]
    assert '<input type="hidden" form="search" name="direction" value="incoming">' in page
    assert 'name="q" value="Ирина"' in page


@pytest.mark.parametrize(
    "query",
    [
        "direction=sideways",
        "period=forever",
        "from=2026-13-45",
        "from=0001-01-01",
        "to=9999-12-31",
        "q=%00%0a",
        "q=" + "9" * 5000,
        "from=2026-05-01&to=2026-01-01",
        "q=%25_%5C",
    ],
)
def test_addresses_made_by_hand_are_no_error(site: Site, query: str) -> None:
    site.add()
    assert site.signed_in().get(f"/calls?{query}").status_code == 200


def test_a_cursor_made_by_hand_is_a_page_that_says_so(site: Site) -> None:
    site.add()
    answer = site.signed_in().get("/calls?cursor=nonsense")
    assert answer.status_code == 400
    assert "Адрес не понять" in answer.text


def test_more_pages_hold_each_call_once_and_no_day_twice(site: Site) -> None:
    calls = [
        site.add(EVENING - timedelta(minutes=7 * one), state=RecordingState.PROCESSING) for one in range(120)
    ]
    browser = site.signed_in()
    page = browser.get("/calls").text
    assert ">120 звонков, 6\N{NO-BREAK SPACE}ч\N{NO-BREAK SPACE}48\N{NO-BREAK SPACE}мин" in page
    assert ">120 звонков</span>" in page  # of the day, though 50 are loaded
    seen, headings, pages = [], 0, 0
    while True:
        seen += re.findall(r'data-call="([^"]+)"', page)
        headings += page.count('class="day"')
        pages += 1
        more = re.search(r'class="more" hx-get="([^"]+)"', page)
        if more is None:
            break
        page = browser.get(more[1].replace("&amp;", "&")).text
        assert 'id="totals"' not in page
    assert seen == [call.id for call in calls]
    assert (pages, headings) == (3, 1)


def test_without_scripts_more_is_a_page(site: Site) -> None:
    for one in range(51):
        site.add(EVENING - timedelta(minutes=one), state=RecordingState.PROCESSING)
    browser = site.signed_in()
    address = re.search(r'<a class="btn" href="(/calls\?cursor=[^"]+)"', browser.get("/calls").text)
    assert address is not None
    assert len(shown(browser, address[1])) == 1


def test_asking_for_news_is_cheap_while_there_are_none(site: Site) -> None:
    site.add()
    browser = site.signed_in()
    first = browser.get("/calls/rows")
    tag = {"If-None-Match": first.headers["etag"]}
    assert 'id="totals"' in first.text
    assert "<html" not in first.text
    assert browser.get("/calls/rows", headers=tag).status_code == 304
    new = site.add(state=RecordingState.PROCESSING)
    news = browser.get("/calls/rows", headers=tag)
    assert news.status_code == 200
    assert new.id in news.text


@pytest.mark.parametrize(
    ("state", "end_reason", "word"),
    [
        (RecordingState.PROCESSING, EndReason.BYE, "обрабатывается"),
        (RecordingState.FAILED, EndReason.BYE, "не обработана"),
        (RecordingState.READY, EndReason.INTERRUPTED, "оборвана"),
    ],
)
def test_a_row_says_what_is_the_matter(
    site: Site, state: RecordingState, end_reason: EndReason, word: str
) -> None:
    site.add(state=state, end_reason=end_reason)
    assert word in site.signed_in().get("/calls").text


def test_a_silent_call_stands_in_the_ledger_not_in_the_list(site: Site) -> None:
    call = site.add(state=RecordingState.SILENT)
    browser = site.signed_in()
    assert call.id not in browser.get("/calls").text
    assert call.id in browser.get("/ledger?outcome=recorded").text


def test_the_strip_draws_the_other_side_up_and_ours_down(site: Site) -> None:
    site.add(direction=Direction.OUTGOING)  # here the called one is the other side
    page = site.signed_in().get("/calls").text
    label = re.search(r'class="strip"[^>]* aria-label="([^"]+)"', page)
    assert label is not None
    assert label[1] == "Клиент 80\N{NO-BREAK SPACE}%, Сотрудник 20\N{NO-BREAK SPACE}%"
    picture = page[label.end() :]
    paths = dict(re.findall(r'<path class="(them|us)" d="([^"]+)"', picture))
    assert paths["them"].startswith("M28 9.5v-5.1")
    assert paths["us"].startswith("M1 10.5v9.5")


def test_hostile_names_are_text(site: Site) -> None:
    evil = "<script>alert(1)</script>"
    call = site.add(client=(evil, '"><img src=x onerror=alert(2)>'))
    browser = site.signed_in()
    for address in ("/calls", "/calls/rows", f"/calls/{call.id}", f"/calls?q={evil}"):
        page = browser.get(address).text
        assert evil not in page
        assert "<img" not in page


def test_before_the_first_call_the_page_teaches(site: Site) -> None:
    page = site.signed_in().get("/calls", headers={"Host": "pbx.example.com:8080"}).text
    assert "Здесь появятся звонки" in page
    assert ">sip:pbx.example.com:5060</pre>" in page
    assert ">fonoteka call --srs sip:pbx.example.com:5060</pre>" in page
    assert 'data-copy="sip:pbx.example.com:5060"' in page
    assert "свободно 412\N{NO-BREAK SPACE}ГБ" in page
    assert "Ждём первый звонок" in page


def test_a_filter_that_finds_nothing_is_not_the_first_call(site: Site) -> None:
    page = site.signed_in().get("/calls?q=nobody").text
    assert "Звонков не нашлось" in page
    assert "sip:" not in page


def test_filters_of_length_text_and_order(site: Site) -> None:
    anna = site.add(EVENING)
    other = site.add(EVENING + timedelta(minutes=3), client=("Олег Савченко", "+79000000022"))
    browser = site.signed_in()
    assert shown(browser, "/calls?q=савченко+104") == [other.id]
    assert shown(browser, "/calls?q=8+(900)+000-00-14+лебедева") == [anna.id]
    assert shown(browser, "/calls?longer=60&sort=oldest") == [anna.id, other.id]
    assert shown(browser, "/calls?min_from=3&min_to=4&sort=longest") == [other.id, anna.id]
    for nothing in (
        "longer=600",
        "held=yes",
        "state=failed",
        "source=upload",
        "rule=~",
        "mark=1-2",
        "tags=x",
    ):
        page = browser.get(f"/calls?{nothing}").text
        assert "Звонков не нашлось" in page, nothing
        assert 'class="chip-x"' in page, nothing
    page = browser.get("/calls?q=%22&period=today&shorter=5").text
    assert "Без «&#34;»" in page
    assert "За всё время" in page
    assert "Любой длительности" in page


@pytest.mark.parametrize(
    "query",
    ["longer=-1", "mark=9-x", "mark=-", "sort=loud", "tags=,,", "group=gone,~,,x", "held=1", "mark=none"],
)
def test_filters_made_by_hand_are_no_error(site: Site, query: str) -> None:
    site.add()
    assert site.signed_in().get(f"/calls?{query}").status_code == 200


_DAYS = st.none() | st.dates(datetime(1970, 1, 2).date(), datetime(2999, 12, 30).date())  # noqa: DTZ001


@given(
    st.text(st.characters(categories=["L", "N"]), max_size=TEXT_MAX),
    st.none() | st.sampled_from(Direction),
    st.none() | st.sampled_from(Period),
    _DAYS,
    _DAYS,
)
def test_filters_survive_the_address(text, direction, period, first, last) -> None:
    if period:
        first = last = None
    if first and last:
        first, last = min(first, last), max(first, last)
    filters = Filters(text, direction, period, first, last)
    assert Filters.read(filters.parameters()) == filters
