"""A search is kept from the list, opened with a click, renamed, deleted and brought back."""

from __future__ import annotations

import re

from tests.web.site import Site


def test_a_search_is_kept_opened_renamed_and_deleted_with_undo(site: Site) -> None:
    site.add()
    browser = site.signed_in()
    page = browser.get("/calls?direction=incoming&longer=60").text
    search = re.search(r'name="search" value="([^"]*)"', page)
    assert search is not None
    kept = {"name": "Долгие <b>", "search": search[1].replace("&amp;", "&")}
    assert browser.post("/searches", data=kept).headers["location"] == "/calls?direction=incoming&longer=60"
    assert 'href="/calls?direction=incoming&amp;longer=60"' in browser.get("/calls").text
    menu = browser.get("/account").text  # on every page
    assert 'href="/calls?direction=incoming&amp;longer=60" title="Долгие &lt;b&gt;"' in menu
    page = browser.get("/searches").text
    assert "Долгие &lt;b&gt;" in page
    id_ = re.search(r'name="id" value="([^"]+)"', page)
    assert id_ is not None
    browser.post("/searches/change", data={"id": id_[1], "name": "Входящие", "shared": "yes"})
    page = browser.get("/searches").text
    assert "Входящие" in page
    assert "для всех" in page
    gone = browser.post("/searches/delete", data={"id": id_[1]}).headers["location"]
    page = browser.get(gone).text
    assert "Поиск удалён" in page
    assert "Входящие" not in page
    browser.post("/searches/restore", data={"id": id_[1]})
    assert "Входящие" in browser.get("/searches").text
    assert browser.post("/searches", data={"name": "", "search": ""}).status_code == 400
    assert browser.post("/searches/delete", data={"id": "gone"}).status_code == 404
    with site.archive.store.reading() as tx:
        told = [one.detail for one in tx.audit.newest("default", 9) if one.action == "searches.changed"]
    assert told == ["restored=Входящие shared=yes", "deleted=Входящие shared=yes"]
