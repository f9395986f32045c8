"""The page of insights: figures of conversations beside their median, and calls worth hearing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fonoteka import accounts, policy
from fonoteka.archive import call_report
from fonoteka.domain.access import Role
from fonoteka.domain.people import Extension, Group
from fonoteka.domain.report import Days
from fonoteka.domain.rights import Reach, Rights
from tests.archive.conversations import add, figures_of, plain_call
from tests.web.site import Site
from tests.web.test_overview import OWNER

NOW = datetime.now(UTC) - timedelta(hours=1)


def fill(site: Site) -> dict[str, str]:
    """Conversations of four agents, one of whom never stops; the calls that stand out by name."""
    for number, name in (("104", "Anna"), ("105", "Boris"), ("106", "Vera"), ("107", "Gleb")):
        policy.save_extension(site.policy, OWNER, Extension("", "default", number, person=name))
        for turn in range(8):
            talk = figures_of(monologue_ms=40_000 if number == "107" else 5_000 + 500 * turn)
            add(site.archive, plain_call(number, NOW - timedelta(days=turn, minutes=int(number))), talk)
    policy.save_group(site.policy, OWNER, Group("", "default", "Sellers", frozenset({"104", "105"})))
    silent = plain_call("105", NOW - timedelta(days=2))
    add(site.archive, silent, figures_of(silence_ms=75_000))
    long_ = plain_call("107", NOW - timedelta(days=1))
    add(site.archive, long_, figures_of(monologue_ms=200_000))
    today = datetime.now(UTC).date()
    while call_report(site.archive, OWNER, Days(today, today)).is_counting:
        pass
    return {"silent": silent.id, "long": long_.id}


def test_the_page_teaches_and_tells(site: Site) -> None:
    browser = site.signed_in()
    assert "разобранных разговоров нет" in browser.get("/insights").text
    ids = fill(site)
    page = browser.get("/insights").text
    assert "Сильнее всех отличается Gleb" in page
    assert "Монолог 3:20" in page
    assert f'href="/calls/{ids["silent"]}#t=5.0"' in page
    assert "Тишина 1:15" in page
    assert page.index(ids["long"]) < page.index(ids["silent"])
    english = site.signed_in("en").get("/insights?show=silence&period=quarter&worth=all").text
    assert "Gleb differs most" in english
    assert "a point is a week" in english
    one = browser.get("/insights?agent=105").text
    assert ids["silent"] in one
    assert ids["long"] not in one
    assert browser.get("/insights?from=2020-01-01&to=2026-01-01").status_code == 422
    assert site.visitor().get("/insights").status_code == 303


def test_tables_come_as_csv(site: Site) -> None:
    ids = fill(site)
    browser = site.signed_in()
    for table, head in (
        ("agents", "label;name;talks;talk_ratio"),
        ("groups", "label;name;talks"),
        ("days", "day;talks"),
        ("quartiles", "figure;low;median;high"),
        ("worth-hearing", "call_id;started_at;agent;weight;reason"),
        ("topics", "topic_id;name;calls;calls_before;share;share_before;week_1;"),
    ):
        answer = browser.get(f"/insights/{table}.csv?period=month")
        assert answer.text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").startswith(head), table
        assert "attachment" in answer.headers["content-disposition"]
    assert ids["silent"] in browser.get("/insights/worth-hearing.csv?agent=105").text
    assert browser.get("/insights/nothing.csv").status_code in (400, 404, 422)


def test_an_agent_sees_the_own_conversations_alone(site: Site) -> None:
    ids = fill(site)
    rights = Rights(Reach.OWN, extensions=frozenset({"104"}))
    _, secret = accounts.create_user(site.accounts, OWNER, "anna", "A. L.", Role.AGENT, rights)
    browser = site.visitor("en")
    browser.cookies.set("fonoteka_session", accounts.redeem_sign_in_link(site.accounts, secret, ""))
    page = browser.get("/insights").text
    assert "Anna" in page
    for hidden in ("Gleb", "Boris", "Vera", ids["silent"], ids["long"], "differs most", "Median</th>"):
        assert hidden not in page
    assert ids["silent"] not in browser.get("/insights/worth-hearing.csv?agent=105").text
    assert "Gleb" not in browser.get("/insights/agents.csv").text
