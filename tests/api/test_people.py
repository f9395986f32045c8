"""Extensions, groups and trunks over REST, one by one and as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from fonoteka.domain.ids import new_id
from tests.api.conftest import make_app, make_site, serve


@pytest.fixture
def rest(tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a site of its own."""
    made = make_site(tmp_path)
    for url in serve(make_app(made)):
        made.url = url
        with made.client() as client:
            yield client
    made.archive.store.close()


def test_extensions_groups_and_trunks_come_and_go(rest: httpx.Client) -> None:
    anna = rest.post(
        "/extensions", json={"number": " 101 ", "person": "Анна", "newcomer_until": "2030-01-31"}
    )
    assert anna.status_code == 201
    assert anna.json() == {
        "id": anna.json()["id"],
        "number": "101",
        "name": "",
        "person": "Анна",
        "newcomer_until": "2030-01-31",
    }
    sales = rest.post("/groups", json={"name": "Продажи", "members": ["101"]}).json()
    assert rest.put(f"/extensions/{anna.json()['id']}", json={"number": "102"}).json()["number"] == "102"
    assert rest.get("/groups").json()["items"] == [{**sales, "members": ["102"]}]
    trunk = rest.post("/trunks", json={"name": "PBX", "networks": ["10.0.4.1"], "numbers": ["84951234567"]})
    assert trunk.json()["networks"] == ["10.0.4.1/32"]
    assert trunk.json()["numbers"] == ["+74951234567"]
    renamed = rest.put(f"/trunks/{trunk.json()['id']}", json={"name": "Office", "domains": ["PBX.example"]})
    assert (renamed.json()["name"], renamed.json()["domains"]) == ("Office", ["pbx.example"])
    assert rest.put(f"/groups/{sales['id']}", json={"name": "Опт"}).json()["members"] == []
    for path in (
        f"/groups/{sales['id']}",
        f"/trunks/{trunk.json()['id']}",
        f"/extensions/{anna.json()['id']}",
    ):
        assert rest.delete(path).status_code == 204
        assert (rest.delete(path).status_code, rest.delete(path).json()["code"]) == (404, "people.not_found")
    assert [rest.get(path).json()["items"] for path in ("/extensions", "/groups", "/trunks")] == [[], [], []]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/extensions", {"number": "a b"}, "number"),
        ("/extensions", {"number": "1", "newcomer_until": "soon"}, "newcomer_until"),
        ("/groups", {"name": "G", "members": ["404"]}, "members"),
        ("/groups", {"name": ""}, "name"),
        ("/trunks", {"name": "T", "networks": ["0.0.0.0/0"]}, "networks"),
        ("/trunks", {"name": "T"}, "networks"),
    ],
)
def test_what_cannot_be_saved_names_its_field(
    client: httpx.Client, path: str, body: dict[str, object], field: str
) -> None:
    answer = client.post(path, json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_a_group_that_a_rule_names_stays(rest: httpx.Client) -> None:
    group = rest.post("/groups", json={"name": "Sales"}).json()
    rule = {"name": "Of sales", "outcome": "record", "conditions": {"group_ids": [group["id"]]}}
    body = {"based_on_version": 0, "rules": [rule], "default": "skip"}
    assert rest.put("/rules", json=body).status_code == 200
    refused = rest.delete(f"/groups/{group['id']}")
    assert (refused.status_code, refused.json()["code"]) == (422, "people.invalid")
    assert "Of sales" in refused.json()["detail"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251"])
def test_a_file_is_looked_at_then_imported_whole(rest: httpx.Client, encoding: str) -> None:
    data = "Номер;ФИО\r\n101;Анна\r\n102;Борис\r\n".encode(encoding)
    headers = {"Content-Type": "text/csv"}
    preview = rest.post("/people/extensions/preview", content=data, headers=headers).json()
    assert (preview["added"], preview["changed"], preview["problem_count"]) == (2, 0, 0)
    assert rest.get("/extensions").json()["items"] == []
    params = {"digest": preview["digest"]}
    other = rest.post("/people/extensions/import", content=data + b"103;", params=params, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "version.conflict")
    done = rest.post("/people/extensions/import", content=data, params=params, headers=headers)
    assert done.status_code == 200
    assert [one["person"] for one in rest.get("/extensions").json()["items"]] == ["Анна", "Борис"]
    export = rest.get("/people/extensions.csv")
    assert export.headers["content-disposition"] == 'attachment; filename="extensions.csv"'
    assert "101,,Анна," in export.content.decode("utf-8-sig")
    again = rest.post("/people/extensions/preview", content=export.content, headers=headers).json()
    assert (again["unchanged"], again["added"], again["changed"]) == (2, 0, 0)


def test_each_bad_line_is_named_and_nothing_is_imported(rest: httpx.Client) -> None:
    data = b"number,newcomer_until\n101,2030-01-01\n1 2,\n103,soon\n101,\n"
    headers = {"Content-Type": "text/csv"}
    preview = rest.post("/people/extensions/preview", content=data, headers=headers).json()
    assert [one["line"] for one in preview["problems"]] == [3, 4, 5]
    params = {"digest": preview["digest"]}
    refused = rest.post("/people/extensions/import", content=data, params=params, headers=headers)
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json()["errors"]] == ["line 3", "line 4", "line 5"]
    assert rest.get("/extensions").json()["items"] == []


def test_unknown_kinds_and_ids_are_told(client: httpx.Client) -> None:
    assert client.get("/people/cats.csv").status_code == 422
    assert client.put(f"/extensions/{new_id()}", json={"number": "1"}).status_code == 404
    assert client.delete("/trunks/none").status_code == 404
