"""Every operation, asked by every role, over two tenants: done, refused, or not found; nothing else.

A new operation has to say here which permission it needs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from fonoteka import accounts, alerts, archive, policy, sharing
from fonoteka.alerts import Desk
from fonoteka.domain.access import Actor, Permission, Role
from fonoteka.domain.alerts import Channel, ChannelKind, Condition
from fonoteka.domain.call_events import EventSubscription
from fonoteka.domain.ids import new_id
from fonoteka.domain.people import Extension, Group, Tenant, Trunk
from fonoteka.domain.rights import DEFAULT_REACH, WHOLE_TENANT, Reach, Rights
from tests.api.calls import make_call, shelve
from tests.api.conftest import ROOT, Site
from tests.api.test_openapi import current, operations

OPERATIONS = operations(json.loads(current()))
NEEDED: dict[str, Permission | None] = {
    "get_health": None,
    "get_me": None,
    "list_sessions": None,
    "end_session": None,
    "find_calls": Permission.CALL_SEE,
    "count_calls": Permission.CALL_SEE,
    **dict.fromkeys(
        ("list_searches", "create_search", "save_search", "delete_search", "restore_search"),
        Permission.CALL_SEE,
    ),
    "get_call": Permission.CALL_SEE,
    "get_recording": Permission.CALL_SEE,
    "get_talk": Permission.CALL_SEE,
    "get_transcript": Permission.RECORDING_LISTEN,
    **dict.fromkeys(("get_speech", "save_speech"), Permission.SPEECH_CHANGE),
    **dict.fromkeys(("list_topics", "try_topic", "get_call_topics"), Permission.RECORDING_LISTEN),
    **dict.fromkeys(
        ("create_topic", "save_topic", "delete_topic", "restore_topic", "reread_calls"),
        Permission.SPEECH_CHANGE,
    ),
    "find_ledger": Permission.CALL_SEE,
    "list_live": Permission.CALL_SEE,
    **dict.fromkeys(
        (
            *("list_tags", "get_annotations", "get_note_history"),
            *("get_customer", "find_customer_calls", "get_customer_note_history"),
        ),
        Permission.CALL_SEE,
    ),
    "list_listeners": Permission.LISTENERS_SEE,
    **dict.fromkeys(("get_topic_trends", "export_topic_trends"), Permission.RECORDING_LISTEN),
    **dict.fromkeys(
        (
            *("get_report", "export_report", "get_insights", "export_insights"),
            *("find_worth_hearing", "export_worth_hearing"),
        ),
        Permission.CALL_SEE,
    ),
    **dict.fromkeys(("list_tags", "get_annotations", "get_note_history"), Permission.CALL_SEE),
    "create_tag": Permission.TAG_CREATE,
    **dict.fromkeys(("save_tag", "merge_tag", "delete_tag"), Permission.TAGS_CHANGE),
    **dict.fromkeys(
        (
            *("tag_call", "untag_call", "write_note", "write_customer_note"),
            *("create_comment", "save_comment", "delete_comment", "restore_comment"),
            *("tag_selection", "untag_selection", "undo_tagging"),
        ),
        Permission.CALL_ANNOTATE,
    ),
    **dict.fromkeys(("mark_call", "unmark_call"), Permission.CALL_MARK),
    **dict.fromkeys(
        (
            *("list_score_forms", "begin_evaluation", "save_evaluation", "submit_evaluation"),
            *("reopen_evaluation", "discard_evaluation", "answer_appeal"),
            *("list_score_queues", "list_score_tasks", "skip_score_task"),
        ),
        Permission.SCORE_GIVE,
    ),
    **dict.fromkeys(
        (
            *("create_score_form", "get_score_form", "save_score_form", "activate_score_form"),
            *("retire_score_form", "discard_score_draft"),
        ),
        Permission.SCORE_FORMS,
    ),
    **dict.fromkeys(("list_call_evaluations", "get_evaluation"), Permission.CALL_SEE),
    **dict.fromkeys(("find_evaluations", "get_score_results", "export_score_results"), Permission.SCORE_SEE),
    "appeal_evaluation": Permission.SCORE_APPEAL,
    **dict.fromkeys(("create_score_queue", "close_score_queue"), Permission.SCORE_ASSIGN),
    "get_audio": Permission.RECORDING_LISTEN,
    "get_peaks": Permission.RECORDING_LISTEN,
    "archive_calls": Permission.RECORDING_DOWNLOAD,
    **dict.fromkeys(
        ("share_calls", "list_shares", "get_share", "revoke_share", "get_sharing_terms"),
        Permission.RECORDING_SHARE,
    ),
    "save_sharing_terms": Permission.ACCOUNTS_MANAGE,
    "get_shared_audio": None,
    "get_shared_peaks": None,
    "delete_recording": Permission.RECORDING_DELETE,
    "restore_recording": Permission.RECORDING_DELETE,
    **dict.fromkeys(("look_at_selection", "bin_selection", "restore_selection"), Permission.RECORDING_DELETE),
    "upload_call": Permission.CALL_UPLOAD,
    "announce_call": Permission.CALL_UPLOAD,
    "list_tenants": None,
    "create_tenant": Permission.TENANTS_MANAGE,
    "save_tenant": Permission.PEOPLE_CHANGE,
    "get_ledger_shares": Permission.LEDGER_SEE,
    "get_metrics": Permission.SYSTEM_WATCH,
    **dict.fromkeys(("plan_room", "get_forecast"), Permission.STORAGE_SEE),
    "find_events": Permission.AUDIT_SEE,
    "export_events": Permission.AUDIT_SEE,
    "verify_events": Permission.AUDIT_SEE,
    "get_kept": Permission.CALL_SEE,
    **dict.fromkeys(
        (
            *("get_storage", "get_plan_history", "get_terms", "try_storage", "list_going", "list_holds"),
            "get_storage_audit",
        ),
        Permission.STORAGE_SEE,
    ),
    **dict.fromkeys(
        ("save_plan", "save_terms", "empty_bin", "confirm_sweep", "ask_storage_audit"),
        Permission.STORAGE_CHANGE,
    ),
    **dict.fromkeys(("place_hold", "hold_selection"), Permission.HOLD_PLACE),
    "release_hold": Permission.HOLD_RELEASE,
    **dict.fromkeys(("pause_live", "resume_live", "keep_live"), Permission.RECORDING_PAUSE),
    **dict.fromkeys(
        ("find_alerts", "list_channels", "find_deliveries", "get_delivery"), Permission.SYSTEM_WATCH
    ),
    **dict.fromkeys(
        (
            *("acknowledge_alert", "create_channel", "save_channel", "delete_channel"),
            *("test_channel", "renew_channel_secret", "replay_delivery"),
        ),
        Permission.ALERTS_CHANGE,
    ),
    **dict.fromkeys(
        (
            *("list_webhooks", "create_webhook", "save_webhook", "delete_webhook"),
            *("test_webhook", "renew_webhook_secret"),
        ),
        Permission.EVENTS_SUBSCRIBE,
    ),
    **dict.fromkeys(("get_rules", "get_rule_history", "which_rule"), Permission.RULES_SEE),
    **dict.fromkeys(("save_rules", "try_rules", "restore_rules"), Permission.RULES_CHANGE),
    **dict.fromkeys(
        ("list_extensions", "list_groups", "list_trunks", "export_people"), Permission.PEOPLE_SEE
    ),
    **dict.fromkeys(
        [
            f"{verb}_{what}"
            for verb in ("create", "save", "delete")
            for what in ("extension", "group", "trunk")
        ]
        + ["preview_people", "import_people"],
        Permission.PEOPLE_CHANGE,
    ),
    **dict.fromkeys(
        (
            *("list_users", "create_user", "get_user", "save_user", "make_user_link"),
            *("list_tokens", "create_token", "revoke_token"),
        ),
        Permission.ACCOUNTS_MANAGE,
    ),
}
"""What each operation is for whom; None: for everybody who is signed in."""
GONE = new_id()

BODIES: dict[str, dict[str, Any]] = {
    "upload_call": {"files": {"call": (None, b"{", "application/json")}},
    "announce_call": {
        "json": {
            "external_id": "1",
            "started_at": "2001-01-01T00:00:00Z",
            "duration_ms": 1,
            "answered": False,
        }
    },
    "archive_calls": {"json": {"selection": {"ids": [GONE]}}},
    "share_calls": {"json": {"call_ids": [GONE], "reason": "r"}},
    "save_sharing_terms": {"json": {"days_max": 0}},
    "save_rules": {"json": {"rules": [], "default": "record", "based_on_version": 999_999}},
    "try_rules": {"json": {"rule_set": {"rules": [], "default": "record"}}},
    "restore_rules": {"json": {"version": 999_999}},
    "which_rule": {"params": {"calling": "904", "called": "905"}},
    "get_ledger_shares": {"params": dict.fromkeys(("since", "until"), "2026-01-01T00:00:00Z")},
    **{
        one: {"params": dict.fromkeys(("since", "until"), "2026-01-01")}
        for one in (
            *("get_report", "export_report", "get_score_results", "export_score_results"),
            *("get_insights", "export_insights", "find_worth_hearing", "export_worth_hearing"),
            *("get_topic_trends", "export_topic_trends"),
        )
    },
    "preview_people": {"content": b"number\n1 1\n", "headers": {"Content-Type": "text/csv"}},
    "import_people": {
        "content": b"number\n1 1\n",
        "headers": {"Content-Type": "text/csv"},
        "params": {"digest": "x"},
    },
    **{key: {"json": {"number": "1 1"}} for key in ("create_extension", "save_extension")},
    **{key: {"json": {"name": ""}} for key in ("create_group", "save_group")},
    **{key: {"json": {"name": ""}} for key in ("create_trunk", "save_trunk")},
    "create_tenant": {"json": {"id": "A B", "name": "x"}},
    "save_tenant": {"json": {"name": ""}},
    "create_user": {"json": {"login": "a b", "name": "N", "role": "agent"}},
    "save_user": {"json": {"name": "N", "role": "agent"}},
    "create_token": {"json": {"name": ""}},
    "pause_live": {"json": {}},
    "save_speech": {"json": {"languages": {"": "no code"}}},
    "save_topic": {"json": {"name": "", "phrases": "a", "edits": 0}},
    "create_topic": {"json": {"name": "", "phrases": "a"}},
    "try_topic": {"json": {"phrases": "a"}},
    "save_plan": {"json": {"plan": {"version": 999_999}}},
    "save_terms": {"json": {"terms": {"version": 999_999}}},
    **{key: {"json": {}} for key in ("try_storage", "list_going", "release_hold")},
    "empty_bin": {"json": {"recording_ids": []}},
    "create_search": {"json": {"name": "", "query": ""}},
    "save_search": {"json": {"name": "N"}},
    "look_at_selection": {"json": {"selection": {"ids": [GONE]}}},
    **{
        key: {"json": {"selection": {"ids": [GONE]}, "operation": "1"}}
        for key in ("bin_selection", "restore_selection")
    },
    **{
        key: {"json": {"selection": {"ids": [GONE]}, "operation": "1", "tag": GONE}}
        for key in ("tag_selection", "untag_selection")
    },
    "undo_tagging": {"json": {"operation": "1"}},
    "hold_selection": {
        "json": {"selection": {"ids": [GONE]}, "operation": "1", "case_name": "c", "reason": "r"}
    },
    "place_hold": {"json": {"case_name": "c", "reason": "r", "call_ids": [GONE]}},
    **{key: {"json": {"name": " "}} for key in ("create_tag", "save_tag")},
    "merge_tag": {"json": {"into": GONE}},
    "mark_call": {"json": {"mark": 3}},
    **{key: {"json": {"text": "", "based_on_version": 0}} for key in ("write_note", "write_customer_note")},
    "create_comment": {"json": {"text": "t", "recording_id": GONE, "at_ms": 0}},
    "save_comment": {"json": {"text": "t", "based_on_version": 0}},
    "create_score_form": {"json": {"name": " "}},
    "save_score_form": {"json": {"content": {"name": "x"}, "version": 999_999, "edits": 1}},
    **{
        key: {"json": {"version": 999_999, "edits": 1}}
        for key in ("activate_score_form", "discard_score_draft")
    },
    "create_score_queue": {
        "json": {
            "name": "x",
            "form_id": GONE,
            "plan": {"first": "2026-01-01", "last": "2026-01-02", "per_week": 1},
        }
    },
    "skip_score_task": {"json": {"call_id": GONE, "agent": "904", "reason": "r"}},
    "begin_evaluation": {"json": {"form_id": GONE}},
    "save_evaluation": {"json": {"answers": [], "edits": 0}},
    "submit_evaluation": {"json": {"edits": 0}},
    "appeal_evaluation": {"json": {"text": "t"}},
    "answer_appeal": {"json": {"accept": True}},
    **{key: {"json": {"name": "", "address": ""}} for key in ("create_webhook", "save_webhook")},
    **{key: {"json": {"kind": "email", "name": ""}} for key in ("create_channel", "save_channel")},
}
"""A request that is understood, and where it is allowed changes nothing that another test looks at."""
ALLOWED = frozenset({200, 202, 204, 400, 404, 409, 422})


def test_every_operation_has_its_permission() -> None:
    assert {operation["operationId"] for _, _, operation in OPERATIONS} == set(NEEDED)


@dataclass(frozen=True)
class Company:
    """A tenant with a token of each role of the usual reach, whose calls are those of the extension 904."""

    tokens: dict[Role, str]
    ids: dict[str, str]


@pytest.fixture(scope="module")
def companies(site: Site) -> dict[str, Company]:
    """Two tenants, alike."""
    root = replace(ROOT, role=Role.OWNER)
    policy.create_tenant(site.policy, root, Tenant("theirs", "Theirs"))
    return {name: make_company(site, replace(root, tenant_id=name)) for name in ("default", "theirs")}


def make_company(site: Site, owner: Actor) -> Company:
    extension = policy.save_extension(site.policy, owner, Extension("", owner.tenant_id, "904"))
    group = policy.save_group(site.policy, owner, Group("", owner.tenant_id, "R", frozenset({"904"})))
    trunk = policy.save_trunk(
        site.policy, owner, Trunk("", owner.tenant_id, "T", domains=(f"{owner.tenant_id}.example",))
    )
    tokens = {}
    for role, reach in DEFAULT_REACH.items():
        own = frozenset({"904"}) if reach is Reach.OWN else frozenset()
        rights = Rights(reach, frozenset({group.id}) if reach is Reach.GROUPS else frozenset(), own)
        tokens[role] = accounts.create_token(site.accounts, role, owner, role=role, rights=rights)
    login = f"of-{owner.tenant_id}"
    user, secret = accounts.create_user(site.accounts, owner, login, "N", Role.AUDITOR, WHOLE_TENANT)
    session = accounts.redeem_sign_in_link(site.accounts, secret, "")
    Desk(site.alerts).report(Condition.RECORDER_DOWN, owner.tenant_id, "", {})
    hook = Channel("", "", ChannelKind.WEBHOOK, "R", "https://example.com/", "en", site.alerts.now())
    channel = alerts.save_channel(site.alerts, owner, hook)
    tag = archive.create_tag(site.archive, owner, "R")
    program = EventSubscription("", "", "R", "https://example.com/", site.alerts.now())
    ids = {
        "webhook": alerts.save_subscription(site.alerts, owner, program).id,
        "tag": tag.id,
        "alert": alerts.open_alerts(site.alerts, owner)[0].id,
        "channel": channel.id,
        "delivery": alerts.try_channel(site.alerts, owner, channel.id).id,
        "extension": extension.id,
        "group": group.id,
        "share": make_share(site, owner),
        "trunk": trunk.id,
        "user": user.id,
        "session": accounts.session_id_of(site.accounts, session),
        "token": accounts.list_tokens(site.accounts, owner)[0].id,
    }
    return Company(tokens, ids)


def make_share(site: Site, owner: Actor) -> str:
    call = make_call("904")
    recordings = tuple(replace(one, tenant_id=owner.tenant_id) for one in call.recordings)
    call = replace(call, tenant_id=owner.tenant_id, recordings=recordings)
    shelve(site.archive, call, b"OggS")
    return sharing.share_calls(site.sharing, owner, sharing.Wanted((call.id,), reason="r"))[0].id


def request(
    site: Site, token: str, method: str, path: str, operation_id: str, ids: dict[str, str]
) -> httpx.Response:
    address = path.replace("{kind}", "extensions").replace("{version}", "1")
    for name, value in ids.items():
        address = address.replace(f"{{{name}}}", value)
    with httpx.Client(
        base_url=site.url, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=30
    ) as client:
        return client.request(method, address, **BODIES.get(operation_id, {}))


@pytest.fixture
def call(site: Site) -> dict[str, str]:
    """A playable call of the extension 904 of the default tenant."""
    made = make_call("904", "+79161234567")
    recording = shelve(site.archive, made, b"OggS" * 100)
    comment = archive.comment_call(site.archive, ROOT, made.id, "Commented")
    return {"call_id": made.id, "recording_id": recording.id, "comment_id": comment.id}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    ("method", "path", "operation_id"),
    [(method, path, operation["operationId"]) for method, path, operation in OPERATIONS],
)
def test_no_role_does_more_than_it_may(
    site: Site,
    companies: dict[str, Company],
    call: dict[str, str],
    role: Role,
    method: str,
    path: str,
    operation_id: str,
) -> None:
    needed = NEEDED[operation_id]
    allowed = needed is None or needed in Rights(DEFAULT_REACH[role]).permissions(role)
    answer = request(
        site,
        companies["default"].tokens[role],
        method,
        path,
        operation_id,
        {**call, "tag_id": companies["default"].ids["tag"], "comment_id": GONE, "id": GONE},
    )
    if allowed:
        assert answer.status_code in ALLOWED, answer.text
    elif operation_id.endswith("_live"):
        assert answer.status_code == 404  # there is no such call in progress for anybody
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "access.denied")


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    ("method", "path", "operation_id"),
    [
        (method, path, operation["operationId"])
        for method, path, operation in OPERATIONS
        if "{" in path and "{kind}" not in path
    ],
)
def test_what_is_another_tenants_does_not_exist(
    site: Site,
    companies: dict[str, Company],
    call: dict[str, str],
    role: Role,
    method: str,
    path: str,
    operation_id: str,
) -> None:
    ours = companies["default"].ids
    kind = next((one for one in ours if one in operation_id), "user")
    answer = request(
        site,
        companies["theirs"].tokens[role],
        method,
        path,
        operation_id,
        {**call, "tag_id": ours["tag"], "id": ours[kind]},
    )
    needed = NEEDED[operation_id]
    allowed = needed is None or needed in Rights(DEFAULT_REACH[role]).permissions(role)
    refused = {404} if allowed else {403, 404}
    if operation_id == "save_tenant":
        refused = {403}  # before anybody looks whether there is such a company
    assert answer.status_code in refused | ({422} if operation_id.startswith("save_") else set()), answer.text


# Of no company alone; tests/pipeline/test_storage_watch.py has the audit refused to one beside others.
OF_THE_INSTALLATION = ("get_health", "get_metrics", "get_storage_audit")


def test_lists_of_another_tenant_hold_nothing_of_ours(
    site: Site, companies: dict[str, Company], call: dict[str, str]
) -> None:
    ours = {*companies["default"].ids.values(), *call.values()}
    for method, path, operation in OPERATIONS:
        if method == "get" and "{" not in path and operation["operationId"] not in OF_THE_INSTALLATION:
            answer = request(
                site, companies["theirs"].tokens[Role.OWNER], method, path, operation["operationId"], {}
            )
            assert answer.status_code == 200, path
            assert not [one for one in ours if one in answer.text], path
