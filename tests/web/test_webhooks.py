"""The page of call events: made with a secret shown once, tried, changed, deleted, its log."""

from __future__ import annotations

import re

from fonoteka.alerts import deliver_due, list_subscriptions
from fonoteka.domain.access import Actor, ActorKind, Role
from tests.web.site import Site

OWNER = Actor(ActorKind.SYSTEM, "test", "test", "default", Role.OWNER)


def test_a_webhook_from_its_making_to_its_end(site: Site) -> None:
    browser = site.signed_in("en")
    assert "No program is told yet" in browser.get("/alerts/webhooks").text
    given = {"name": "CRM <b>", "address": "http://127.0.0.1:1/x", "kinds": ["recording.ready"]}
    refused = browser.post("/alerts/webhooks/save", data={**given, "address": "nonsense"})
    assert (refused.status_code, 'aria-invalid="true"' in refused.text) == (422, True)
    assert browser.post("/alerts/webhooks/save", data={**given, "kinds": []}).status_code == 422
    made = browser.post("/alerts/webhooks/save", data={**given, "is_enabled": "yes"}).text
    secret = re.search(r"whsec_[\w-]{40,}", made)
    assert secret
    (known,) = list_subscriptions(site.alerts, OWNER)
    page = browser.get(f"/alerts/webhooks?edit={known.id}").text
    assert secret[0] not in page
    assert "CRM &lt;b&gt;" in page
    assert "recording.ready" in page
    sent = browser.post("/alerts/webhooks/test", data={"id": known.id})
    assert sent.headers["location"].startswith("/alerts/webhooks?tested=")
    deliver_due(site.alerts, 1)
    assert "webhook_networks" in browser.get(sent.headers["location"]).text
    log = browser.get(f"/alerts/deliveries?channel={known.id}").text
    assert "CRM &lt;b&gt;" in log
    assert log.count("/replay") == 1
    assert "/replay" not in browser.get("/alerts/deliveries?channel=other").text
    renewed = browser.post("/alerts/webhooks/secret", data={"id": known.id}).text
    assert secret[0] not in renewed
    assert "whsec_" in renewed
    changed = {**given, "id": known.id, "kinds": ["call.missed"], "direction": "incoming"}
    assert browser.post("/alerts/webhooks/save", data=changed).status_code == 303
    (known,) = list_subscriptions(site.alerts, OWNER)
    assert (sorted(known.kinds), known.direction, known.is_enabled) == (["call.missed"], "incoming", False)
    assert browser.post("/alerts/webhooks/delete", data={"id": known.id}).status_code == 303
    assert list_subscriptions(site.alerts, OWNER) == ()
    assert browser.post("/alerts/webhooks/test", data={"id": known.id}).status_code == 404
