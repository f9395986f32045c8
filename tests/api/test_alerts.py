"""Alerts, channels and deliveries over REST."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from fonoteka.alerts import Desk, WebhookLimits, deliver_due
from fonoteka.domain.alerts import Condition
from tests.alerts.receivers import LOOPBACK, Receiver
from tests.api.conftest import Site, make_app, make_site, serve


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site of its own, whose webhooks may reach loopback."""
    made = make_site(tmp_path)
    made.alerts = replace(made.alerts, webhooks=WebhookLimits(LOOPBACK, 3.0))
    for url in serve(make_app(made)):
        made.url = url
        yield made
    made.archive.store.close()


def test_from_what_is_wrong_to_a_replay(site: Site, client: httpx.Client) -> None:
    receiver = Receiver()
    made = client.post("/alerts/channels", json={"kind": "webhook", "name": "Chat", "address": receiver.url})
    assert made.status_code == 201
    channel = made.json()
    assert channel["secret"].startswith("whsec_")
    assert client.get("/alerts/channels").json()["items"] == [{**channel, "secret": ""}]

    Desk(site.alerts).report(Condition.DISK_LOW, "default", "n", {"free_bytes": 5, "machine": "alpha"}, 1)
    (alert,) = client.get("/alerts").json()["items"]
    assert (alert["title"], alert["severity"], alert["cleared_at"]) == (
        "The disk is running low",
        "warning",
        None,
    )
    taken = client.post(f"/alerts/{alert['id']}/acknowledge").json()
    assert taken["acknowledged_by"] == "tests"

    receiver.status = 500
    deliver_due(site.alerts)
    (waiting,) = client.get("/alerts/deliveries", params={"state": "queued"}).json()["items"]
    assert (waiting["outcome"], waiting["attempts"]) == ("refused", 1)
    assert waiting["detail"].startswith("500")
    receiver.status = 200
    assert client.post(f"/alerts/deliveries/{waiting['id']}/replay").status_code == 202
    deliver_due(site.alerts)
    receiver.stop()
    done = client.get(f"/alerts/deliveries/{waiting['id']}").json()
    assert (done["state"], done["outcome"], done["next_at"]) == ("sent", "accepted", None)

    tested = client.post(f"/alerts/channels/{channel['id']}/test")
    assert (tested.status_code, tested.json()["state"]) == (202, "queued")
    renewed = client.post(f"/alerts/channels/{channel['id']}/secret").json()["secret"]
    assert renewed != channel["secret"]
    changed = {"kind": "webhook", "name": "Chat", "address": receiver.url, "is_enabled": False}
    assert client.put(f"/alerts/channels/{channel['id']}", json=changed).json()["is_enabled"] is False
    assert client.delete(f"/alerts/channels/{channel['id']}").status_code == 204
    with site.archive.store.reading() as tx:
        told = [one.detail for one in tx.audit.newest("default", 20) if one.action == "alerts.changed"]
    assert [one.partition(":")[0] for one in reversed(told)] == [
        "webhook channel Chat made",
        "disk.low n acknowledged",
        "webhook sent again",
        "webhook channel Chat tested",
        "secret of webhook Chat renewed",
        "webhook channel Chat changed",
        "webhook channel Chat deleted",
    ]
    assert not [one for one in told if "whsec_" in one]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "email", "name": "A", "address": "nobody"}, "address"),
        ({"kind": "webhook", "name": "A", "address": "gopher://x"}, "address"),
        ({"kind": "email", "name": "", "address": "a@example.com"}, "name"),
        ({"kind": "email", "name": "A", "address": "a@example.com", "language": "xx"}, "language"),
        ({"kind": "pigeon", "name": "A", "address": "a@example.com"}, "kind"),
    ],
)
def test_what_cannot_be_saved_names_its_field(client: httpx.Client, body: dict[str, str], field: str) -> None:
    answer = client.post("/alerts/channels", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_what_there_is_not(client: httpx.Client) -> None:
    for method, path, code in (
        ("POST", "/alerts/x/acknowledge", "alert.not_found"),
        ("PUT", "/alerts/channels/x", "channel.not_found"),
        ("DELETE", "/alerts/channels/x", "channel.not_found"),
        ("POST", "/alerts/channels/x/test", "channel.not_found"),
        ("POST", "/alerts/channels/x/secret", "channel.not_found"),
        ("GET", "/alerts/deliveries/x", "delivery.not_found"),
        ("POST", "/alerts/deliveries/x/replay", "delivery.not_found"),
    ):
        body = {"kind": "email", "name": "A", "address": "a@example.com"} if method == "PUT" else None
        answer = client.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, code), path
    assert client.get("/alerts", params={"cursor": "x"}).status_code == 422
