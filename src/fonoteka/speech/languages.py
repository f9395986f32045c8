"""Which language calls are in: said for a tenant, otherwise for some of its groups."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.errors import LanguageInvalid, ModelInvalid
from fonoteka.domain.people import Group
from fonoteka.speech.engines.loading import NO_LANGUAGE, is_wanted
from fonoteka.speech.room import SpeechRoom
from fonoteka.store import Transaction

log = logging.getLogger(__name__)

_CODE = re.compile(r"[a-z]{2,3}")
OF_TENANT = ""
"""In the place of a group's id: the tenant's own language."""


def speech_languages(room: SpeechRoom, actor: Actor) -> dict[str, str]:
    """The languages said, by group's id; the tenant's own is that of “”. Raises `AccessDenied`."""
    require(actor, Permission.SPEECH_CHANGE, actor.tenant_id)
    with room.store.reading() as tx:
        return tx.speech_languages.of_tenant(actor.tenant_id)


def language_groups(room: SpeechRoom, actor: Actor) -> tuple[Group, ...]:
    """The groups that may have a language of their own, by name. Raises `AccessDenied`."""
    require(actor, Permission.SPEECH_CHANGE, actor.tenant_id)
    with room.store.reading() as tx:
        return tx.groups.all(actor.tenant_id)


def change_languages(room: SpeechRoom, actor: Actor, languages: Mapping[str, str]) -> None:
    """Say anew which languages calls are in; “none” is: they are not transcribed, “”: nothing is said.

    Holds for what is transcribed from now on. Groups that are not known are left out. Raises `AccessDenied`,
    `LanguageInvalid`.
    """
    require(actor, Permission.SPEECH_CHANGE, actor.tenant_id)
    for group_id, language in languages.items():
        if language not in ("", NO_LANGUAGE) and not _CODE.fullmatch(language):
            raise LanguageInvalid(
                f"“{language[:20]}” is no code of a language, such as ru or en.", group=group_id
            )
    with room.store.transaction() as tx:
        known = {one.id for one in tx.groups.all(actor.tenant_id)}
        tx.speech_languages.replace(actor.tenant_id, languages, known)
        told = ", ".join(f"{group_id or '*'}={one}" for group_id, one in sorted(languages.items()) if one)
        tx.audit.append(
            actor, AuditAction.SPEECH_CHANGED, actor.tenant_id, f"languages: {told}"[:500], room.now()
        )


def language_of_call(tx: Transaction, tenant_id: str, call_id: str) -> str:
    """The language of the first group (by name) with one that a party belongs to, else the tenant's own."""
    languages = tx.speech_languages.of_tenant(tenant_id)
    own = languages.pop(OF_TENANT, "")
    if not languages:
        return own
    call = tx.calls.get(tenant_id, call_id)
    numbers = {one.number for one in call.participants} if call is not None else set()
    groups = (one for one in tx.groups.all(tenant_id) if one.id in languages and numbers & one.members)
    return next((languages[one.id] for one in groups), own)


def wants_transcript(tx: Transaction, room: SpeechRoom, tenant_id: str, call_id: str) -> bool:
    """Whether the words of the call's recordings are to be found here."""
    try:
        return is_wanted(room.engine, language_of_call(tx, tenant_id, call_id))
    except ModelInvalid as error:
        log.warning("no words are found: %s", error)
        return False
