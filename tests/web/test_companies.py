"""The page of companies, and setting up one of them for its people."""

from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from fonoteka import accounts
from fonoteka.archive import register_call
from fonoteka.domain.access import Role
from fonoteka.domain.people import Extension, Tenant, Trunk
from fonoteka.domain.rights import WHOLE_TENANT
from fonoteka.policy import create_tenant, directory, list_tenants, save_extension, save_trunk
from tests import examples
from tests.web.site import Site


@pytest.fixture
def shared(site: Site) -> Site:
    """An installation that two companies share; the other one has a person, a line and a call."""
    create_tenant(site.policy, examples.actor(), Tenant("north", "Север"))
    north = examples.actor("north")
    save_extension(site.policy, north, Extension("", "north", "201", person="Глеб Орлов"))
    save_trunk(site.policy, north, Trunk("", "north", "Офис", ("10.9.0.0/16",)))
    register_call(site.archive, examples.call(tenant_id="north"))
    return site


def browser_of(site: Site, tenant_id: str, role: Role) -> TestClient:
    owner = replace(examples.actor(tenant_id), role=Role.OWNER)
    login = f"{role}-{tenant_id}"
    _, secret = accounts.create_user(site.accounts, owner, login, login, role, WHOLE_TENANT)
    browser = site.visitor()
    browser.cookies.set("fonoteka_session", accounts.redeem_sign_in_link(site.accounts, secret, ""))
    return browser


def test_companies_are_made_and_changed(site: Site) -> None:
    browser = site.signed_in()
    assert "company" not in browser.get("/calls").text, "one company needs no choice"
    wrong = {"name": "Север", "id": "Se ver", "time_zone": "Asia/Omsk", "region": "ru"}
    refused = browser.post("/tenants/save", data=wrong)
    assert refused.status_code == 422
    assert "строчных латинских букв" in refused.text
    assert 'value="Asia/Omsk"' in refused.text, "what was typed stays"
    assert browser.post("/tenants/save", data={**wrong, "id": "north"}).status_code == 303
    assert "уже есть" in browser.post("/tenants/save", data={**wrong, "id": "north"}).text
    for field, value, said in (
        ("time_zone", "Mars/Base", "Нет часового пояса"),
        ("region", "xx", "Нет региона"),
    ):
        assert said in browser.post("/tenants/save", data={**wrong, "id": "x", field: value}).text
    changed = {"edit": "north", "name": "Север и юг", "time_zone": "Asia/Tomsk", "region": "KZ"}
    assert browser.post("/tenants/save", data=changed).status_code == 303
    known = {one.id: one for one in list_tenants(site.policy, examples.actor())}
    assert known["north"] == Tenant("north", "Север и юг", "Asia/Tomsk", "KZ")


def test_an_administrator_of_the_installation_sets_up_another_company(shared: Site) -> None:
    browser = shared.signed_in()
    assert "10.9.0.0/16" in browser.get("/tenants").text
    taken = {"name": "Наш", "networks": "10.9.1.0/24"}
    conflict = browser.post("/people/trunks/save", data=taken).text.partition('role="alert"')[2][:400]
    assert "10.9.1.0/24" in conflict
    assert "другой компании" in conflict
    assert "Север" not in conflict
    assert browser.post("/tenants/act", data={"id": "north"}).headers["location"] == "/people/extensions"
    people = browser.get("/people/extensions").text
    assert "Глеб Орлов" in people
    assert "Вы настраиваете другую компанию" in people
    assert browser.post("/people/extensions/save", data={"number": "202"}).status_code == 303
    numbers = {one.number for one in directory(shared.policy, examples.actor("north")).extensions}
    assert numbers == {"201", "202"}
    assert browser.get("/rules").status_code == 200
    for closed in ("/calls", "/ledger", "/users", "/audit"):
        assert browser.get(closed).status_code == 403, closed
    with shared.archive.store.reading() as tx:
        (event, *_) = tx.audit.newest("north", 1)
    assert event.actor_name == "Administrator"
    browser.post("/tenants/act", data={"id": "default"})
    assert browser.get("/calls").status_code == 200
    assert "Глеб Орлов" not in browser.get("/people/extensions").text


@pytest.mark.parametrize(
    ("tenant_id", "role"),
    [
        ("north", Role.ADMINISTRATOR),
        ("north", Role.OWNER),
        ("default", Role.SUPERVISOR),
        ("default", Role.AUDITOR),
        ("default", Role.AGENT),
    ],
)
def test_nobody_else_reaches_across(shared: Site, tenant_id: str, role: Role) -> None:
    create_tenant(shared.policy, examples.actor(), Tenant("south", "Юг"))
    save_extension(shared.policy, examples.actor("south"), Extension("", "south", "301", person="Ада Юдина"))
    browser = browser_of(shared, tenant_id, role)
    assert browser.post("/tenants/act", data={"id": "south"}).status_code == 403
    assert browser.get("/tenants").status_code == 403
    assert browser.post("/tenants/save", data={"id": "west", "name": "W"}).status_code in (403, 422)
    changed = {"edit": "south", "name": "Захвачено", "time_zone": "Europe/Moscow", "region": "RU"}
    assert browser.post("/tenants/save", data=changed).status_code == 403
    browser.cookies.set("fonoteka_tenant", "south")
    assert "Ада Юдина" not in browser.get("/people/extensions").text
    assert "Юг" not in browser.get("/calls").text
    assert {one.name for one in list_tenants(shared.policy, examples.actor("south"))} == {"Юг"}
