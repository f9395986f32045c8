"""The overview: every figure opens exactly its calls, whatever the head, the period and the zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

from starlette.testclient import TestClient

from fonoteka import accounts, policy
from fonoteka.archive import count_hours, register_call
from fonoteka.domain.access import Actor, ActorKind, Role
from fonoteka.domain.call import CallOutcome, Participant, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.people import Extension, Group
from fonoteka.domain.rights import Reach, Rights
from tests import examples
from tests.web.site import Site

OWNER = Actor(ActorKind.SYSTEM, "test", "test", "default", Role.OWNER)
NOW = datetime.now(UTC)
_FIGURE = re.compile(r'<a (?:class="fig ?"|title="[^"]*"|) ?href="(/calls\?[^"]*)"[^>]*>([^<]*)</a>')
_MORE = re.compile(r'"(/calls(?:/rows)?\?[^"]*cursor=[^"]*)"')


def add(
    site: Site,
    ago: timedelta,
    direction: Direction,
    agent: str,
    client: str,
    outcome: CallOutcome = CallOutcome.RECORDED,
) -> None:
    numbers = (client, agent) if direction is Direction.INCOMING else (agent, client)
    people = tuple(
        Participant(str(n), party, number, "", "")
        for n, (party, number) in enumerate(zip((Party.CALLING, Party.CALLED), numbers, strict=True))
    )
    call = examples.call(
        started_at=NOW - ago, direction=direction, participants=people, outcome=outcome, recordings=()
    )
    register_call(site.archive, call)


def fill(site: Site) -> str:
    """Calls of two months and a group; the group's id."""
    for number in ("104", "105", "106"):
        policy.save_extension(site.policy, OWNER, Extension("", "default", number, person=f"Person {number}"))
    group = policy.save_group(site.policy, OWNER, Group("", "default", "Sellers", frozenset({"104", "105"})))
    for day in range(50):
        ago = timedelta(days=day, hours=day % 5)
        add(site, ago, Direction.INCOMING, f"10{4 + day % 3}", f"+7900000000{day % 9}")
        if day % 4 == 0:
            add(site, ago, Direction.INCOMING, "104", f"+790011100{day:02}", CallOutcome.MISSED)
        if day % 3 == 0:
            add(site, ago, Direction.OUTGOING, "105", "+79000000001", CallOutcome.MISSING)
        if day % 7 == 0:
            add(site, ago, Direction.INTERNAL, "104", "106", CallOutcome.SKIPPED)
    while count_hours(site.archive):  # a page waits only so long for it, and says so
        pass
    return group.id


def shown(browser: TestClient, address: str) -> int:
    """How many calls the list shows, all of its pages."""
    count, seen = 0, address
    while seen:
        page = browser.get(seen).text
        count += page.count(' data-call="')
        found = _MORE.search(page)
        seen = unescape(found[1]) if found else ""
    return count


def figures(page: str) -> dict[str, int]:
    """Addresses with the figure that opens them, percentages left out."""
    found: dict[str, int] = {}
    for address, text in _FIGURE.findall(page):
        number = re.sub(r"[\s\N{NO-BREAK SPACE},]", "", text)
        if number.isdigit():
            found[unescape(address)] = int(number)
    return found


def test_every_figure_opens_exactly_its_calls(site: Site) -> None:
    group_id = fill(site)
    for address, zone in (
        ("/overview", "Europe/Moscow"),
        (f"/overview?for=marketing&period=week&group={group_id}", "America/St_Johns"),
    ):
        browser = site.signed_in("en", zone)
        told = figures(browser.get(address).text)
        assert len(told) > 25
        # Of callers the last figure is that of their calls; how many numbers they are stands before it.
        assert sum("callers=" in where for where in told) == 2
        assert {where: shown(browser, where) for where in told} == told


def test_heads_periods_and_the_empty_page(site: Site) -> None:
    browser = site.signed_in()
    assert "За это время звонков не было" in browser.get("/overview").text
    fill(site)
    pages = {head: browser.get(f"/overview?for={head}").text for head in ("sales", "personnel", "service")}
    order = {
        head: [page.index(one) for one in ("Звонки по дням", "Когда звонят")] for head, page in pages.items()
    }
    assert order["sales"] == sorted(order["sales"])
    assert order["service"] != sorted(order["service"])
    for span in ("today", "yesterday", "this_month", "last_month", "quarter", "year", "nonsense"):
        assert browser.get(f"/overview?period={span}").status_code == 200
    assert browser.get("/overview?from=2020-01-01&to=2026-01-01").status_code == 422
    assert browser.get("/overview?from=x&to=9999-99-99").status_code == 200
    assert site.visitor().get("/overview").status_code == 303


def test_tables_come_as_csv(site: Site) -> None:
    fill(site)
    browser = site.signed_in()
    for table in ("totals", "days", "hours", "agents", "groups", "callers", "storage"):
        answer = browser.get(f"/overview/{table}.csv?period=week")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = browser.get("/overview/agents.csv?period=year").text.splitlines()
    assert rows[0].startswith("\ufeffextension;name;calls;")
    assert {row.split(";")[1] for row in rows[1:]} == {"Person 104", "Person 105", "Person 106"}
    assert browser.get("/overview/moon.csv").status_code in (400, 404, 422)


def test_nobody_sees_figures_of_others(site: Site) -> None:
    fill(site)
    rights = Rights(Reach.OWN, extensions=frozenset({"106"}))
    _, secret = accounts.create_user(site.accounts, OWNER, "pavel", "Pavel", Role.AGENT, rights)
    session = accounts.redeem_sign_in_link(site.accounts, secret, "")
    browser = site.visitor("en")
    browser.cookies.set("fonoteka_session", session)
    page = browser.get("/overview?period=year").text
    assert "Person 106" in page
    assert "Person 104" not in page
    assert "Sellers" not in page
    assert "/storage" not in page
    told = figures(page)
    assert told
    assert all(count == shown(browser, where) for where, count in told.items() if "callers=" not in where)
