"""Calls by e-mail: through the real outbox to a real mail server, which may hang, refuse or come late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from fonoteka.accounts import Accounts
from fonoteka.alerts import AlertRoom, MailServer, MailTls, deliver_due, replay_delivery
from fonoteka.archive import Archive, bin_recording, register_call, shelve_recording
from fonoteka.domain.access import Actor, ActorKind, Permission, Role
from fonoteka.domain.audit import AuditAction, AuditQuery
from fonoteka.domain.call import Call
from fonoteka.domain.delivery import DeliveryState, Outcome
from fonoteka.domain.errors import (
    AccessDenied,
    AddressInvalid,
    CallNotFound,
    LinkExpired,
    LinkNotFound,
    LinkUsedUp,
    MailUnavailable,
    RecipientForbidden,
    RequestInvalid,
    ShareLimit,
    ShareNotFound,
)
from fonoteka.domain.ids import new_id
from fonoteka.domain.rights import Reach, Rights
from fonoteka.domain.sharing import ShareKind, ShareState, SharingTerms
from fonoteka.objects import ObjectStore
from fonoteka.sharing import (
    SHARE_KIND,
    SharingRoom,
    Wanted,
    change_sharing_terms,
    get_share,
    letter_of,
    list_shares,
    look_at_link,
    open_link,
    revoke_share,
    share_calls,
    visit_of,
)
from fonoteka.sharing.giving import PER_HOUR_MAX
from fonoteka.store import Store, UserRow
from tests.alerts.conftest import Clock, certificate, mail_server
from tests.alerts.mail_server import SilentServer, TestMailServer
from tests.archive.test_listening import spoken
from tests.archive.test_shelving import PEAKS, assembled
from tests.examples import NOON, call

__all__ = ["certificate", "mail_server", "spoken"]
Start = Callable[..., TestMailServer]
ABROAD = "ivan@partner.example"


@dataclass
class House:
    """The rooms of one installation with a clock that tests set, and a supervisor who shares."""

    sharing: SharingRoom
    alerts: AlertRoom
    clock: Clock
    vera: Actor
    spoken: Path

    def with_mail(self, server: MailServer) -> None:
        self.alerts = replace(self.alerts, mail=server)

    def call(self, **fields: object) -> Call:
        one = call(**fields)
        register_call(self.sharing.archive, one)
        shelve_recording(self.sharing.archive, assembled(one), self.spoken, PEAKS)
        return one

    def share(self, *calls: Call, by: Actor | None = None, **how: object) -> tuple[str, str]:
        wanted = Wanted(tuple(one.id for one in calls), **{"reason": "Спор о счёте", **how})  # type: ignore[arg-type]
        share, link = share_calls(self.sharing, by or self.vera, wanted)
        return share.id, link.rpartition("/")[2]

    def events(self, *actions: AuditAction) -> list[tuple[str, str]]:
        with self.sharing.store.reading() as tx:
            found = tx.audit.find("default", AuditQuery(actions=frozenset(actions)), None, 100)
        return [(one.actor_name, one.detail) for one in found]


@pytest.fixture
def house(store: Store, tmp_path: Path, spoken: Path) -> House:
    clock = Clock()
    archive = Archive(store, ObjectStore.open(tmp_path / "objects"), tmp_path / "cache", 5, now=clock)
    room = SharingRoom(archive, Accounts(store), "https://calls.example.com/", has_mail=True)
    alerts = AlertRoom(store, letters={SHARE_KIND: partial(letter_of, room)}, now=clock)
    row = UserRow(new_id(), "default", "vera", "Вера", Role.SUPERVISOR, "", NOON, None)
    with store.transaction() as tx:
        tx.users.add(row)
    vera = Actor(ActorKind.USER, row.id, "Вера", "default", Role.SUPERVISOR, "192.0.2.9")
    return House(room, alerts, clock, vera, spoken)


def test_a_small_call_goes_as_a_file(house: House, mail_server: Start) -> None:
    server = mail_server()
    house.with_mail(server.settings())
    share_id, link = house.share(house.call(), recipient=ABROAD, note="Послушайте, пожалуйста")
    assert link == ""
    (done,) = deliver_due(house.alerts)
    assert (done.state, done.message.text) == (DeliveryState.SENT, "")
    (mail,) = server.mails
    assert (mail["To"], mail["Subject"]) == (ABROAD, "Вам прислали запись звонка")
    plain, html, sound = [one for one in mail.walk() if not one.is_multipart()]
    assert "Послушайте, пожалуйста" in plain.get_content()
    assert "24 апреля 2026, 15:00" in html.get_content()
    assert sound.get_content_type() == "audio/mpeg"
    name = sound.get_filename()
    assert name is not None
    assert name.endswith(".mp3")
    assert "4951234567" not in name  # who may listen is not told numbers
    assert len(sound.get_content()) > 5_000
    view = get_share(house.sharing, house.vera, share_id)
    assert (view.share.kind, view.delivery and view.delivery.outcome) == (
        ShareKind.ATTACHMENT,
        Outcome.ACCEPTED,
    )
    told = house.events(AuditAction.RECORDING_SHARED)
    assert [one.endswith(": Спор о счёте") and ABROAD in one for _, one in told] == [True]
    assert house.events(AuditAction.RECORDING_DOWNLOADED) == [(f"Вера → {ABROAD}", "format=mp3 mixed")]


def test_a_large_one_goes_as_a_link_that_nobody_else_has(house: House, mail_server: Start) -> None:
    server = mail_server(later=1)
    house.with_mail(server.settings())
    house.sharing = replace(house.sharing, attachment_bytes_max=1_000)
    house.alerts = replace(house.alerts, letters={SHARE_KIND: partial(letter_of, house.sharing)})
    share_id, link = house.share(house.call(), recipient="оля@почта.рф".replace("оля", "olya"), language="en")
    assert link == ""
    (late,) = deliver_due(house.alerts)
    assert (late.state, late.outcome) == (DeliveryState.QUEUED, Outcome.TRY_LATER)
    house.clock.pass_(seconds=31)
    (done,) = deliver_due(house.alerts)
    assert (done.state, done.attempts, done.message.html) == (DeliveryState.SENT, 2, "")
    (mail,) = server.mails
    assert mail["To"] == "olya@xn--80a1acny.xn--p1ai"
    text = next(one for one in mail.walk() if one.get_content_type() == "text/plain").get_content()
    secret = text.partition("https://calls.example.com/s/")[2].split()[0]
    assert look_at_link(house.sharing, secret).author_name == "Вера"
    visit = visit_of(house.sharing, secret, open_link(house.sharing, secret, "", "198.51.100.1"), "")
    assert len(visit.calls) == 1
    assert get_share(house.sharing, house.vera, share_id).share.opens == 1


def test_a_server_that_hangs_is_tried_again(house: House) -> None:
    silent = SilentServer()
    house.with_mail(
        MailServer("127.0.0.1", silent.port, MailTls.NONE, "", "", "fonoteka@example.com", attempt_s=0.3)
    )
    share_id, _ = house.share(house.call(), recipient=ABROAD)
    (done,) = deliver_due(house.alerts)
    silent.stop()
    assert (done.state, done.outcome) == (DeliveryState.QUEUED, Outcome.TIMED_OUT)
    view = get_share(house.sharing, house.vera, share_id)
    assert view.delivery is not None
    assert view.delivery.next_at > house.clock.at


@pytest.mark.parametrize("way", ["revoked", "binned", "disabled", "left the group"])
def test_what_must_not_be_sent_any_more_is_not(house: House, mail_server: Start, way: str) -> None:
    server = mail_server()
    house.with_mail(server.settings())
    one = house.call()
    share_id, _ = house.share(one, recipient=ABROAD)
    with house.sharing.store.transaction() as tx:
        row = tx.users.get(house.vera.id)
        assert row is not None
        if way == "disabled":
            tx.users.replace(replace(row, disabled_at=house.clock.at))
        if way == "left the group":
            tx.users.replace(replace(row, rights=Rights(Reach.OWN, extensions=frozenset({"999"}))))
    if way == "revoked":
        revoke_share(house.sharing, house.vera, share_id)
    if way == "binned":
        bin_recording(house.sharing.archive, house.vera, one.recordings[0].id)
    (done,) = deliver_due(house.alerts)
    assert (done.state, done.outcome, server.mails) == (DeliveryState.DEAD, Outcome.UNWRITTEN, [])
    admin = replace(house.vera, role=Role.ADMINISTRATOR)
    assert replay_delivery(house.alerts, admin, done.id).state is DeliveryState.QUEUED
    assert deliver_due(house.alerts)[0].state is DeliveryState.DEAD


@pytest.mark.parametrize(
    "address",
    [
        "a@b",
        "a b@example.com",
        "a@example.com\nBcc: x@example.com",
        "a@exa\r\nmple.com",
        "@example.com",
        "я" * 400,
    ],
)
def test_addresses_that_are_none(house: House, address: str) -> None:
    with pytest.raises(AddressInvalid):
        house.share(house.call(), recipient=address)
    assert house.events(AuditAction.RECORDING_SHARED) == []


def test_whom_and_why_the_company_says(house: House) -> None:
    admin = replace(house.vera, role=Role.ADMINISTRATOR)
    terms = SharingTerms("", ("Example.RU",), ("@partner.example",), days_max=3)
    saved = change_sharing_terms(house.sharing, admin, terms)
    assert (saved.own_domains, saved.allowed_domains) == (("example.ru",), ("partner.example",))
    one = house.call()
    house.share(one, recipient="boss@example.ru", reason="", days=3)
    for recipient in (ABROAD, "", "boss@sub.example.ru"):
        with pytest.raises((RequestInvalid, RecipientForbidden)):
            house.share(one, recipient=recipient, reason="  ", days=3)
    house.share(one, recipient=ABROAD, days=3)
    with pytest.raises(RecipientForbidden):
        house.share(one, recipient="x@elsewhere.example", days=3)
    with pytest.raises(RequestInvalid):
        house.share(one, recipient=ABROAD, days=4)
    with pytest.raises(AccessDenied):
        change_sharing_terms(house.sharing, house.vera, terms)
    house.sharing = replace(house.sharing, has_mail=False)
    with pytest.raises(MailUnavailable):
        house.share(one, recipient=ABROAD, days=3)


def test_nobody_shares_what_is_not_theirs(house: House) -> None:
    one = house.call()
    agent = replace(house.vera, role=Role.AGENT)
    with pytest.raises(AccessDenied):
        house.share(one, by=agent)
    with pytest.raises(CallNotFound):
        house.share(one, by=replace(house.vera, extensions=frozenset({"999"})))
    with pytest.raises(CallNotFound):
        house.share(one, by=replace(house.vera, tenant_id="theirs"))
    listener = replace(
        house.vera,
        permissions=frozenset({Permission.CALL_SEE, Permission.RECORDING_SHARE, Permission.RECORDING_LISTEN}),
    )
    with pytest.raises(AccessDenied):
        house.share(one, by=listener, may_download=True)
    share_id, secret = house.share(one, by=listener)
    other = replace(house.vera, id=new_id())
    for use in (get_share, revoke_share):
        with pytest.raises(ShareNotFound):
            use(house.sharing, other, share_id)
    assert list_shares(house.sharing, other).items == ()
    admin = replace(other, role=Role.ADMINISTRATOR)
    assert [view.share.id for view in list_shares(house.sharing, admin, one.id).items] == [share_id]
    assert look_at_link(house.sharing, secret).calls == 1


def test_time_and_openings_end_a_link(house: House) -> None:
    one = house.call()
    _, secret = house.share(one, days=1, opens_max=2)
    visits = [open_link(house.sharing, secret, "", "") for _ in range(2)]
    with pytest.raises(LinkUsedUp):
        open_link(house.sharing, secret, "", "")
    assert visit_of(house.sharing, secret, visits[0], "").share.opens == 2
    house.clock.pass_(days=1)
    with pytest.raises(LinkExpired):
        visit_of(house.sharing, secret, visits[0], "")
    assert list_shares(house.sharing, house.vera).items[0].state is ShareState.EXPIRED
    for made_up in ("", "x", secret[:-1], secret + "x", "\0", "я" * 500):
        with pytest.raises(LinkNotFound):
            look_at_link(house.sharing, made_up)
    assert [name for name, _ in house.events(AuditAction.LINK_OPENED)] == ["Вера → link"] * 2


def test_a_slip_of_a_program_ends_soon(house: House) -> None:
    one = house.call()
    for _ in range(PER_HOUR_MAX):
        house.share(one)
    with pytest.raises(ShareLimit):
        house.share(one)
    house.clock.pass_(hours=1, seconds=1)
    house.share(one)
