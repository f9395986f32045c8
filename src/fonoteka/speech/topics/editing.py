"""Topics: made, changed, deleted and brought back. Changes have all calls read anew, behind the new ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from fonoteka.domain.access import Actor, Permission, may, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import AccessDenied, RequestInvalid, TopicNotFound, VersionConflict
from fonoteka.domain.ids import is_id, new_id
from fonoteka.domain.topic_notation import parse_phrases
from fonoteka.domain.topics import (
    ACTIVE_PHRASES_MAX,
    TOPICS_MAX,
    UNDO_DAYS,
    Topic,
    checked_description,
    checked_name,
)
from fonoteka.speech.room import SpeechRoom
from fonoteka.speech.topics.dictionaries import read_phrases
from fonoteka.store import Transaction


@dataclass(frozen=True, slots=True)
class TopicContent:
    """What people write of a topic."""

    name: str
    description: str = ""
    phrases: str = ""
    is_active: bool = True
    alerts: bool = False


def list_topics(room: SpeechRoom, actor: Actor) -> tuple[Topic, ...]:
    """The topics by name, for who may listen to calls or change topics. Raises `AccessDenied`."""
    needed = (Permission.RECORDING_LISTEN, Permission.SPEECH_CHANGE)
    if not any(may(actor, one, actor.tenant_id) for one in needed):
        raise AccessDenied(f"{actor.name} may not {Permission.RECORDING_LISTEN}.")
    with room.store.reading() as tx:
        return tuple(sorted(tx.topics.all(actor.tenant_id), key=lambda one: (one.name.casefold(), one.id)))


def get_topic(room: SpeechRoom, actor: Actor, topic_id: str) -> Topic:
    """One of `list_topics`. Raises `TopicNotFound`, `AccessDenied`."""
    found = next((one for one in list_topics(room, actor) if one.id == topic_id), None)
    if found is None:
        raise TopicNotFound
    return found


def create_topic(room: SpeechRoom, actor: Actor, content: TopicContent) -> Topic:
    """Make a topic.

    Raises `TopicPhraseInvalid`, `RequestInvalid` (a field of the content), `AccessDenied`.
    """
    require(actor, Permission.SPEECH_CHANGE, actor.tenant_id)
    content = _checked(content)
    at = room.now()
    with room.store.transaction() as tx:
        tx.tenants.lock(actor.tenant_id)
        tx.topics.forget_deleted(actor.tenant_id, at - timedelta(days=UNDO_DAYS))
        made = Topic(
            id=new_id(),
            tenant_id=actor.tenant_id,
            name=content.name,
            description=content.description,
            phrases=content.phrases,
            is_active=content.is_active,
            alerts=content.alerts,
            version=1,
            edits=1,
            author_id=actor.id,
            author_name=actor.name,
            created_at=at,
            changed_at=at,
        )
        _check_room(tx, made)
        tx.topics.add(made)
        if made.is_active:
            tx.topics.revise(actor.tenant_id)
        _note(room, tx, actor, made, "created")
    return made


def save_topic(room: SpeechRoom, actor: Actor, topic_id: str, content: TopicContent, edits: int) -> Topic:
    """Write a topic anew; `edits` is that of the topic that was looked at.

    Raises `VersionConflict` when somebody saved meanwhile, `TopicNotFound`, and as `create_topic`.
    """
    require(actor, Permission.SPEECH_CHANGE, actor.tenant_id)
    content = _checked(content)
    with room.store.transaction() as tx:
        tx.tenants.lock(actor.tenant_id)
        known = _known(tx, actor, topic_id)
        if known.deleted_at is not None:
            raise TopicNotFound
        if known.edits != edits:
            raise VersionConflict(version=known.edits, based_on_version=edits)
        is_heard_elsewhere = content.phrases != known.phrases
        changed = replace(
            known,
            name=content.name,
            description=content.description,
            phrases=content.phrases,
            is_active=content.is_active,
            alerts=content.alerts,
        )
        if changed == known:
            return known
        changed = replace(
            changed,
            version=known.version + is_heard_elsewhere,
            edits=known.edits + 1,
            author_id=actor.id,
            author_name=actor.name,
            changed_at=room.now(),
        )
        _check_room(tx, changed)
        tx.topics.replace(changed)
        if (is_heard_elsewhere and changed.is_active) or changed.is_active is not known.is_active:
            tx.topics.revise(actor.tenant_id)
        _note(room, tx, actor, changed, "saved")
    return changed


class Put(StrEnum):
    """What became of a topic that was brought in."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def put_topics(
    room: SpeechRoom, actor: Actor, contents: Sequence[TopicContent], *, dry_run: bool = False
) -> tuple[tuple[str, Put], ...]:
    """Make the topics, or change those of the same names: what becomes of each. All are checked first.

    Raises as `create_topic` and `save_topic`.
    """
    checked = [_checked(one) for one in contents]
    known = {one.name.casefold(): one for one in list_topics(room, actor)}
    done = []
    for one in checked:
        there = known.get(one.name.casefold())
        if there is None:
            done.append((one.name, Put.CREATED))
            if not dry_run:
                create_topic(room, actor, one)
            continue
        same = one == TopicContent(
            there.name, there.description, there.phrases, there.is_active, there.alerts
        )
        done.append((one.name, Put.UNCHANGED if same else Put.CHANGED))
        if not dry_run and not same:
            save_topic(room, actor, there.id, one, there.edits)
    return tuple(done)


def delete_topic(room: SpeechRoom, actor: Actor, topic_id: str) -> Topic:
    """Delete a topic; for a month it can be restored. Raises `TopicNotFound`, `AccessDenied`."""
    require(actor, Permission.SPEECH_CHANGE, actor.tenant_id)
    with room.store.transaction() as tx:
        tx.tenants.lock(actor.tenant_id)
        known = _known(tx, actor, topic_id)
        if known.deleted_at is None:
            known = replace(known, deleted_at=room.now(), edits=known.edits + 1)
            tx.topics.replace(known)
            _note(room, tx, actor, known, "deleted")
    return known


def restore_topic(room: SpeechRoom, actor: Actor, topic_id: str) -> Topic:
    """Bring a deleted topic back. Raises `TopicNotFound`, `RequestInvalid` (field `name`), `AccessDenied`."""
    require(actor, Permission.SPEECH_CHANGE, actor.tenant_id)
    with room.store.transaction() as tx:
        tx.tenants.lock(actor.tenant_id)
        known = _known(tx, actor, topic_id)
        if known.deleted_at is not None:
            known = replace(known, deleted_at=None, edits=known.edits + 1)
            _check_room(tx, known)
            tx.topics.replace(known)
            if known.is_active:
                # Calls that were read meanwhile know nothing of it.
                tx.topics.revise(actor.tenant_id)
            _note(room, tx, actor, known, "restored")
    return known


def reread_calls(room: SpeechRoom, actor: Actor) -> int:
    """Have all calls read anew: how many have words. Raises `AccessDenied`."""
    require(actor, Permission.SPEECH_CHANGE, actor.tenant_id)
    with room.store.transaction() as tx:
        tx.tenants.lock(actor.tenant_id)
        revision = tx.topics.revise(actor.tenant_id)
        detail = f"reread revision={revision}"
        tx.audit.append(actor, AuditAction.TOPICS_CHANGED, actor.tenant_id, detail, room.now())
        return tx.topic_hits.count_behind(actor.tenant_id)


def calls_to_reread(room: SpeechRoom, actor: Actor) -> int:
    """How many recordings are still to be read anew. Raises `AccessDenied`."""
    require(actor, Permission.SPEECH_CHANGE, actor.tenant_id)
    with room.store.reading() as tx:
        return tx.topic_hits.count_behind(actor.tenant_id)


def _checked(content: TopicContent) -> TopicContent:
    phrases = "\n".join(one.rstrip() for one in content.phrases.replace("\r\n", "\n").split("\n")).strip("\n")
    read_phrases(phrases)
    return replace(
        content,
        name=checked_name(content.name),
        description=checked_description(content.description),
        phrases=phrases,
    )


def _known(tx: Transaction, actor: Actor, topic_id: str) -> Topic:
    found = tx.topics.get(actor.tenant_id, topic_id) if is_id(topic_id) else None
    if found is None:
        raise TopicNotFound
    return found


def _check_room(tx: Transaction, topic: Topic) -> None:
    others = [one for one in tx.topics.all(topic.tenant_id) if one.id != topic.id]
    if any(one.name.casefold() == topic.name.casefold() for one in others):
        raise RequestInvalid("name", "There is a topic of this name already.", "body")
    if len(others) >= TOPICS_MAX:
        raise RequestInvalid("name", f"There are {TOPICS_MAX} topics, and no more can be made.", "body")
    active = [one for one in (*others, topic) if one.is_active]
    if sum(len(parse_phrases(one.phrases)) for one in active) > ACTIVE_PHRASES_MAX:
        what = f"All active topics together have at most {ACTIVE_PHRASES_MAX} phrases."
        raise RequestInvalid("phrases", what, "body")


def _note(room: SpeechRoom, tx: Transaction, actor: Actor, topic: Topic, what: str) -> None:
    detail = f"{what} version={topic.version} name={topic.name}"
    tx.audit.append(actor, AuditAction.TOPICS_CHANGED, topic.id, detail, room.now())
