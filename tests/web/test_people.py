"""The page of people: one by one, by file, and what is wrong with either."""

from __future__ import annotations

import re

import pytest

from fonoteka import policy
from fonoteka.domain.errors import PeopleInvalid
from fonoteka.web.languages import LANGUAGES
from fonoteka.web.problem_words import said_again
from tests.web.site import Site
from tests.web.test_rules import ROOT


@pytest.mark.parametrize(
    ("kind", "teaches"),
    [("extensions", "Добавочных пока нет"), ("groups", "Групп пока нет"), ("trunks", "Линий пока нет")],
)
def test_an_empty_list_teaches(site: Site, kind: str, teaches: str) -> None:
    assert teaches in site.signed_in().get(f"/people/{kind}").text


def test_extensions_groups_and_lines_are_saved_changed_and_deleted(site: Site) -> None:
    browser = site.signed_in()
    anna = {"number": "101", "person": "Анна", "newcomer_until": "2100-01-31"}
    assert browser.post("/people/extensions/save", data=anna).status_code == 303
    (extension,) = policy.directory(site.policy, ROOT).extensions
    assert "новичок до 31 января 2100" in browser.get("/people/extensions").text
    form = browser.get(f"/people/extensions?edit={extension.id}").text
    assert 'value="Анна"' in form
    changed = {"id": extension.id, "number": "102", "person": "Анна"}
    assert browser.post("/people/extensions/save", data=changed).status_code == 303
    browser.post("/people/groups/save", data={"name": "Продажи", "members": "102; "})
    browser.post(
        "/people/trunks/save", data={"name": "АТС", "networks": "10.0.4.0/24", "numbers": "84951234567"}
    )
    people = policy.directory(site.policy, ROOT)
    assert (people.extensions[0].number, people.extensions[0].newcomer_until) == ("102", None)
    assert people.groups[0].members == {"102"}
    assert (people.trunks[0].networks, people.trunks[0].numbers) == (("10.0.4.0/24",), ("+74951234567",))
    for kind, one in (
        ("groups", people.groups[0]),
        ("trunks", people.trunks[0]),
        ("extensions", people.extensions[0]),
    ):
        assert browser.post(f"/people/{kind}/delete", data={"id": one.id}).status_code == 303
    assert browser.post("/people/groups/delete", data={"id": people.groups[0].id}).status_code == 404
    left = policy.directory(site.policy, ROOT)
    assert (left.extensions, left.groups, left.trunks) == ((), (), ())


def test_what_cannot_be_saved_stays_in_the_form(site: Site) -> None:
    browser = site.signed_in()
    answer = browser.post("/people/groups/save", data={"name": "Продажи <b>", "members": "404"})
    assert answer.status_code == 422
    assert "Нет добавочного с номером 404." in answer.text
    assert 'value="Продажи &lt;b&gt;"' in answer.text
    assert re.search(r'name="members"[^>]*aria-invalid="true"', answer.text)
    answer = browser.post("/people/extensions/save", data={"number": "1", "newcomer_until": "скоро"})
    assert "«скоро» не похоже на дату" in answer.text


def test_a_long_list_is_searched(site: Site) -> None:
    data = "number,person\n" + "".join(f"{one},Person {one}\n" for one in range(1000, 1300))
    found = policy.preview_people(site.policy, ROOT, policy.PeopleKind.EXTENSIONS, data.encode())
    policy.import_people(site.policy, ROOT, policy.PeopleKind.EXTENSIONS, data.encode(), found.digest)
    browser = site.signed_in()
    page = browser.get("/people/extensions").text
    assert page.count('class="who"') == 200
    assert "Показаны первые 200 из 300" in page
    assert browser.get("/people/extensions?q=person 1299").text.count('class="who"') == 1


def test_a_file_is_shown_before_it_is_imported(site: Site) -> None:
    browser = site.signed_in()
    data = "номер;фио\r\n101;Анна\r\n102;Борис\r\n".encode("cp1251")
    part = browser.post("/people/extensions/preview", content=data).text
    assert "2 новые записи" in part
    digest = re.search(r'data-import="([^"]+)"', part)
    assert digest is not None
    other = browser.post(f"/people/extensions/import?digest={digest[1]}", content=data + b"103;\r\n")
    assert (other.status_code, "3 новые записи" in other.text) == (200, True)
    assert browser.post(f"/people/extensions/import?digest={digest[1]}", content=data).status_code == 204
    assert [one.person for one in policy.directory(site.policy, ROOT).extensions] == ["Анна", "Борис"]
    export = browser.get("/people/extensions/export")
    again = browser.post("/people/extensions/preview", content=export.content).text
    assert "Ничего не изменится" in again


def test_bad_lines_are_named_in_the_visitors_language(site: Site) -> None:
    data = b"number,newcomer_until\n101,\n1 2,\n103,soon\n101,\n104\n"
    part = site.signed_in().post("/people/extensions/preview", content=data).text
    assert re.findall(r"<b>Строка (\d)</b>", part) == ["3", "4", "5", "6"]
    assert "data-import" not in part
    for text in ("не может быть добавочным", "не похоже на дату", "уже есть в строке 2", "ячеек 1"):
        assert text in part


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfen\0", b"name\nx\n", b"number,colour\n1,red\n", b"number,number\n1,1\n", b'number\n"1\n'],
)
def test_what_is_wrong_with_a_whole_file_is_said_in_russian(site: Site, data: bytes) -> None:
    found = policy.preview_people(site.policy, ROOT, policy.PeopleKind.EXTENSIONS, data)
    assert found.problems
    for one in found.problems:
        assert re.search("[а-я]", said_again(LANGUAGES["ru"], one.text)), one.text
        assert not re.search("[а-я]", said_again(LANGUAGES["en"], one.text)), one.text


def test_what_is_not_recognised_stays_english() -> None:
    assert said_again(LANGUAGES["ru"], "Rule 7: The moon is full.") == "Правило 7: The moon is full."
    assert said_again(LANGUAGES["ru"], str(PeopleInvalid("50% more"))) == "50% more"


def test_unknown_kinds_and_strangers_are_turned_away(site: Site) -> None:
    assert site.signed_in().get("/people/cats").status_code == 400
    assert site.visitor().get("/people/groups").status_code == 303
    foreign = {"Sec-Fetch-Site": "cross-site"}
    answer = site.signed_in().post("/people/groups/save", data={"name": "x"}, headers=foreign)
    assert answer.status_code == 403
