"""Scorecards in the pages: a form made and put to use, a call marked, the agent's appeal, results."""

from __future__ import annotations

import re

from starlette.testclient import TestClient

from fonoteka import accounts, policy
from fonoteka.accounts.actors import system_actor
from fonoteka.domain.access import Role
from fonoteka.domain.call import Call
from fonoteka.domain.people import Extension
from fonoteka.domain.rights import Reach, Rights
from tests.web.site import Site

ANSWERS = {
    "v.greeting": "1",
    "v.recorded": "na",
    "v.need": "5",
    "v.answer": "4",
    "v.interrupts": "1",
    "v.silence": "1",
    "v.hold": "na",
    "v.next": "0",
    "v.farewell": "1",
    "v.polite": "1",
}


def form_id_of(client: TestClient) -> str:
    """A form to begin with, put to use."""
    made = client.post("/scores/forms", data={"do": "starter"})
    address = made.headers["location"]
    page = client.get(address).text
    # Everything on the page is sent back as it stands, as a browser does.
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page))
    fields.pop("do", None)
    texts = re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', page)
    selects = re.findall(r'<select [^>]*name="([^"]+)">(.*?)</select>', page, re.DOTALL)
    fields |= dict(texts) | {
        name: re.findall(r'value="([^"]*)" selected', inside)[0]
        for name, inside in selects
        if " selected" in inside
    }
    boxes = set(re.findall(r'type="checkbox" name="([^"]+)" value="1">', page))
    fields = {name: value for name, value in fields.items() if name not in boxes}
    done = client.post(address, data={**fields, "do": "activate"})
    assert done.status_code == 303, done.text
    return address.rsplit("/", 1)[1]


def marked(client: TestClient, call: Call, form_id: str, **other: str) -> tuple[str, str]:
    """The id of a submitted evaluation, and what the panel says then."""
    panel = client.post(f"/calls/{call.id}/scores", data={"by": form_id}).text
    found = re.search(r"/evaluations/([0-9a-f-]{36})/save", panel)
    assert found is not None, panel
    edits = re.findall(r'name="edits" value="(\d+)"', panel)[0]
    sent = {**ANSWERS, "edits": edits, "do": "submit", **other}
    return found[1], client.post(f"/evaluations/{found[1]}/save", data=sent).text


def agent_of(site: Site, number: str) -> TestClient:
    """A browser of whoever has that extension."""
    owner = system_actor()
    rights = Rights(Reach.OWN, extensions=frozenset({number}))
    _, secret = accounts.create_user(site.accounts, owner, f"a{number}", "Анна", Role.AGENT, rights)
    client = site.visitor()
    client.cookies.set("fonoteka_session", accounts.redeem_sign_in_link(site.accounts, secret, ""))
    return client


def test_a_form_a_call_an_appeal_and_the_results(site: Site) -> None:
    for number in ("104", "105"):
        policy.save_extension(
            site.policy, system_actor(), Extension("", "default", number, person=f"P{number}")
        )
    call = site.add()
    admin = site.signed_in()
    assert "Бланков ещё нет" in admin.get("/scores/forms").text
    form_id = form_id_of(admin)
    assert "действует" in admin.get("/scores/forms").text
    assert f'hx-get="/calls/{call.id}/scores"' in admin.get(f"/calls/{call.id}").text

    unfinished = admin.post(f"/calls/{call.id}/scores", data={"by": form_id}).text
    assert "только вам" in unfinished
    id_, told = marked(admin, call, form_id, **{"v.greeting": ""})
    assert "Вопрос 1 без ответа" in told
    id_, panel = marked(admin, call, form_id, summary="Хорошо <b>", **{"c.next": "Не назвал срок"})
    # 2 + 3 + 4 × 4/5 + 1 + 1 + 0 + 1 of 14.
    assert "80\xa0%" in panel
    assert "Хорошо &lt;b&gt;" in panel
    assert "Не назвал срок" in panel

    agent, other = agent_of(site, "104"), agent_of(site, "105")
    assert admin.get(f"/evaluations/{id_}").headers["location"] == f"/calls/{call.id}?evaluation={id_}#scores"
    seen = agent.get(f"/calls/{call.id}/scores?evaluation={id_}").text
    assert "80\xa0%" in seen
    assert "Исправить" not in seen
    assert other.get(f"/evaluations/{id_}").status_code == 404
    assert "За это время ничего" in other.get("/scores").text
    assert "P104" in agent.get("/scores").text
    assert agent.get("/scores/forms").status_code == 403
    appealed = agent.post(f"/evaluations/{id_}/appeal", data={"text": "Срок назвал"}).text
    assert "ждёт ответа" in appealed
    assert "1 обжалование ждёт" in admin.get("/scores").text
    assert id_ in admin.get("/scores/evaluations?appeal=open").text
    refused = admin.post(f"/evaluations/{id_}/answer", data={"do": "reject", "text": ""}).text
    assert 'role="alert"' in refused
    opened = admin.post(f"/evaluations/{id_}/answer", data={"do": "accept", "text": "Да"}).text
    assert "исправляется" in opened
    again, better = marked(admin, call, form_id, **{"v.next": "1"})
    assert again == id_
    assert "94,3\xa0%" in better

    page = admin.get("/scores").text
    assert "P104" in page
    assert "в среднем 94,3\xa0%" in page
    assert f"/evaluations/{id_}" in admin.get("/scores/evaluations?agent=104&period=month").text
    assert admin.get("/scores/evaluations?agent=105").text.count(id_) == 0
    csv = admin.get("/scores/agents.csv?period=month")
    assert csv.content.decode("utf-8-sig").splitlines()[1].startswith("104;104;P104;1;94.3;")
    assert "Scorecards" in site.signed_in("en").get("/scores").text


def test_what_somebody_else_saved_meanwhile_does_not_lose_what_was_written(site: Site) -> None:
    policy.save_extension(site.policy, system_actor(), Extension("", "default", "104"))
    call = site.add()
    admin = site.signed_in()
    form_id = form_id_of(admin)
    id_, _ = marked(admin, call, form_id, do="save")
    told = admin.post(f"/evaluations/{id_}/save", data={**ANSWERS, "edits": "1", "summary": "Mine"}).text
    assert 'role="alert"' in told
    assert "Mine" in told


def test_the_editor_keeps_what_is_wrong_and_says_so(site: Site) -> None:
    admin = site.signed_in("en")
    address = admin.post("/scores/forms", data={"do": "empty"}).headers["location"]
    fields = {"version": "1", "edits": "1", "name": "F", "s0.title": "", "s0.q0.id": "a", "s0.q0.text": "Q?"}
    assert admin.post(address, data={**fields, "do": "add.0"}).status_code == 303
    refused = admin.post(address, data={**fields, "edits": "2", "s0.q0.weight": "101", "do": "save"})
    assert refused.status_code == 422
    assert "a weight is 0 to 100" in refused.text
    assert 'value="101"' in refused.text
    assert admin.post(address, data={**fields, "edits": "1", "do": "section"}).status_code == 409
    choice = {**fields, "edits": "2", "s0.q0.kind": "choice", "s0.q0.choices": "10 Good\n0 Bad"}
    assert admin.post(address, data={**choice, "do": "activate"}).status_code == 303
    later = admin.get(address).text
    assert "never changed" in later
    assert "10 Good" in later
    assert admin.post(address, data={"do": "retire"}).status_code == 303
    assert "not in use any more" in admin.get("/scores/forms").text


def test_a_queue_is_drawn_and_a_call_skipped(site: Site) -> None:
    policy.save_extension(site.policy, system_actor(), Extension("", "default", "104"))
    calls = [site.add() for _ in range(3)]
    admin = site.signed_in("en")
    form_id = form_id_of(admin)
    page = admin.get("/scores/queues").text
    assert "No calls to mark" in page
    me = re.findall(r'name="evaluator" value="([^"]+)"', page)
    days = dict(re.findall(r'type="date" name="(\w+)" value="([^"]*)"', page))
    asked = {"name": "Week", "form": form_id, "per_week": "2", **days, "evaluator": me}
    refused = admin.post("/scores/queues", data={**asked, "first": "2020-01-01"})
    assert (refused.status_code, "1 to 92 days" in refused.text) == (422, True)
    address = admin.post("/scores/queues", data=asked).headers["location"]
    queue = admin.get(address).text
    drawn = [one.id for one in calls if f"/calls/{one.id}#scores" in queue]
    assert len(drawn) == 2
    skipped = {"call": drawn[0], "agent": "104", "reason": "A wrong number"}
    assert admin.post(f"{address}/skip", data=skipped).status_code == 303
    marked(admin, next(one for one in calls if one.id == drawn[1]), form_id)
    done = admin.get(address).text
    assert "skipped: A wrong number" in done
    assert "marked" in done
    assert admin.post(f"{address}/close").status_code == 303
    assert "closed" in admin.get("/scores/queues").text
    assert agent_of(site, "104").get("/scores/queues").status_code == 403
