"""axe finds nothing against WCAG 2.2 A and AA on any page, in either theme."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, StorageState

from tests.e2e.conftest import PATIENCE_MS, Demo

pytestmark = [pytest.mark.needs("chromium", "chromium"), pytest.mark.timeout(300)]

_AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PAGES = (
    *("/calls", "/calls?q=nobody", "/calls/{call}", "/calls/{call}/customer", "/calls/{call}/note", "/tags"),
    *("/scores", "/scores/evaluations", "/scores/queues", "/scores/forms"),
    *(
        "/overview",
        "/insights",
        "/ledger",
        "/rules",
        "/rules/history",
        "/people",
        "/people/groups",
        "/people/trunks",
    ),
    *("/topics", "/topics/new"),
    *("/storage", "/storage/bin", "/storage/holds", "/storage/planner", "/shares"),
    *("/users", "/account", "/tenants", "/audit"),
    *("/alerts", "/alerts/channels", "/alerts/deliveries", "/no-such-page"),
)
# What is folded is looked at too; menus lie over what is below them.
_UNFOLD = "document.querySelectorAll('details:not(.menu)').forEach((one) => { one.open = true; })"
_RUN = """async () => (await axe.run(document, {
    resultTypes: ["violations"],
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
  })).violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)}`))"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, demo: Demo, signed_in: StorageState, theme: str) -> None:
    assert _AXE.is_file(), "scripts/setup fetches it"
    axe = _AXE.read_text("utf-8")
    call = [one for one in demo.calls if one["direction"] == "incoming"][-1]
    demo.service.send("POST", f"/calls/{call['id']}/comments", {"text": "said", **moment(call)})
    # axe tries out inline styles, which the pages' policy refuses with a complaint: nobody watches here.
    with browser.new_context(base_url=demo.service.url, storage_state=signed_in, locale="en-GB") as context:
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies([{"name": "fonoteka_theme", "value": theme, "url": demo.service.url}])
        page = context.new_page()
        found = [
            f"{address} {one}"
            for address in PAGES
            for one in violations(page, axe, address.replace("{call}", call["id"]))
        ]
    assert found == []


def moment(call: dict[str, object]) -> dict[str, object]:
    recordings = call["recordings"]
    assert isinstance(recordings, list)
    return {"recording_id": recordings[0]["id"], "at_ms": 5_000}


def violations(page: Page, axe: str, address: str) -> list[str]:
    answer = page.goto(address)
    assert answer is not None
    assert answer.status < 500, address
    if page.locator("call-player").count():
        page.locator("call-player.drawn").wait_for()
    page.evaluate(_UNFOLD)
    return found_by_axe(page, axe)


def found_by_axe(page: Page, axe: str = "") -> list[str]:
    """What is wrong with the page as it is now; `axe` is the script, if it was read already."""
    page.evaluate(axe or _AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(_RUN)
    return found
