"""What can be done to calls that were chosen in the list: the buttons of the bar.

A button sends the bar's form to `/calls/selected/NAME`; `selected.selection_of` reads which calls are meant.
Of a `dialog` the answer is a fragment that opens in a dialog (`_bulk_*.html`), else what the browser
makes of it: a download, another page.
"""

from __future__ import annotations

from dataclasses import dataclass

from fonoteka.domain.access import Permission, may
from fonoteka.web.visitor import Visitor


@dataclass(frozen=True, slots=True)
class BulkAction:
    """One button, for whoever has the permission."""

    name: str
    icon: str
    label: str
    permission: Permission
    dialog: bool = True

    @property
    def address(self) -> str:
        """Where the form goes."""
        return f"/calls/selected/{self.name}"


def bulk_actions(visitor: Visitor) -> tuple[BulkAction, ...]:
    """The buttons that the visitor has."""
    gettext, actor = visitor.language.gettext, visitor.actor
    if actor is None:
        return ()
    known = (
        BulkAction("archive", "dl", gettext("Download"), Permission.RECORDING_DOWNLOAD),
        BulkAction("share", "fwd", gettext("Send"), Permission.RECORDING_SHARE, dialog=False),
        BulkAction("tag", "tag", gettext("Tag"), Permission.CALL_ANNOTATE),
        BulkAction("hold", "lock", gettext("Legal hold"), Permission.HOLD_PLACE),
        BulkAction("bin", "bin", gettext("To the bin"), Permission.RECORDING_DELETE),
    )
    return tuple(one for one in known if may(actor, one.permission, actor.tenant_id))
