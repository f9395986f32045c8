"""Roles, reaches, permissions and events of the access log in the visitor's language."""

from __future__ import annotations

from dataclasses import dataclass

from fonoteka.domain.access import ActorKind, Permission, Role
from fonoteka.domain.audit import AuditAction, AuditEvent
from fonoteka.domain.rights import Reach
from fonoteka.web.languages import Language


@dataclass(frozen=True, slots=True)
class AccessWords:
    """Says who may do what, and what was done. A name that is not known is said as it is."""

    language: Language

    def role(self, role: Role) -> str:
        """What somebody is."""
        gettext = self.language.gettext
        return {
            Role.OWNER: gettext("Owner"),
            Role.ADMINISTRATOR: gettext("Administrator"),
            Role.SUPERVISOR: gettext("Supervisor"),
            Role.QUALITY: gettext("Quality control"),
            Role.AGENT: gettext("Agent"),
            Role.AUDITOR: gettext("Auditor"),
        }[role]

    def role_hint(self, role: Role) -> str:
        """What that means, in a sentence."""
        gettext = self.language.gettext
        return {
            Role.OWNER: gettext("may do everything and makes other owners"),
            Role.ADMINISTRATOR: gettext("sets everything up and hears everything"),
            Role.SUPERVISOR: gettext("hears, downloads and deletes calls of the own groups"),
            Role.QUALITY: gettext("hears calls of the own groups; clients' numbers are hidden"),
            Role.AGENT: gettext("hears the own calls"),
            Role.AUDITOR: gettext("sees the access log, the rules and that calls were; hears none"),
        }[role]

    def reach(self, reach: Reach) -> str:
        """Whose calls."""
        gettext = self.language.gettext
        return {
            Reach.TENANT: gettext("all calls"),
            Reach.GROUPS: gettext("calls of groups"),
            Reach.OWN: gettext("own calls"),
        }[reach]

    def permission(self, permission: Permission) -> str:
        """What can be allowed."""
        gettext = self.language.gettext
        known = {
            Permission.CALL_SEE: gettext("See calls"),
            Permission.NUMBER_SEE: gettext("See clients' numbers in full"),
            Permission.RECORDING_LISTEN: gettext("Listen"),
            Permission.RECORDING_DOWNLOAD: gettext("Download"),
            Permission.RECORDING_SHARE: gettext("Share with others"),
            Permission.RECORDING_DELETE: gettext("Delete recordings"),
            Permission.RECORDING_PAUSE: gettext("Pause recording"),
            Permission.CALL_ANNOTATE: gettext("Tag, note and comment on calls"),
            Permission.CALL_MARK: gettext("Mark calls"),
            Permission.SCORE_SEE: gettext("See scorecards that were filled in"),
            Permission.SCORE_APPEAL: gettext("Appeal against marks"),
            Permission.SCORE_GIVE: gettext("Fill in scorecards"),
            Permission.SCORE_ASSIGN: gettext("Hand out calls to mark"),
            Permission.SCORE_FORMS: gettext("Make and change scorecards"),
            Permission.LISTENERS_SEE: gettext("See who listened"),
            Permission.TAG_CREATE: gettext("Make tags"),
            Permission.TAGS_CHANGE: gettext("Rename, merge and delete tags"),
            Permission.CALL_UPLOAD: gettext("Upload calls"),
            Permission.RULES_SEE: gettext("See the rules"),
            Permission.RULES_CHANGE: gettext("Change the rules"),
            Permission.PEOPLE_SEE: gettext("See people and numbers"),
            Permission.PEOPLE_CHANGE: gettext("Change people and numbers"),
            Permission.STORAGE_SEE: gettext("See the storage"),
            Permission.STORAGE_CHANGE: gettext("Change the storage"),
            Permission.HOLD_PLACE: gettext("Place legal holds"),
            Permission.HOLD_RELEASE: gettext("Release legal holds"),
            Permission.SPEECH_CHANGE: gettext("Set up speech"),
            Permission.LEDGER_SEE: gettext("See completeness"),
            Permission.AUDIT_SEE: gettext("See the access log"),
            Permission.SYSTEM_WATCH: gettext("See how the system is"),
            Permission.ALERTS_CHANGE: gettext("Set up alerts"),
            Permission.EVENTS_SUBSCRIBE: gettext("Connect programs to call events"),
            Permission.ACCOUNTS_MANAGE: gettext("Manage users"),
            Permission.TENANTS_MANAGE: gettext("Manage companies"),
        }
        return known.get(permission, permission.value)

    def actor(self, event: AuditEvent) -> str:
        """Who did it."""
        gettext = self.language.gettext
        if event.actor_kind != ActorKind.SYSTEM:
            return event.actor_name
        return gettext("command line") if event.actor_id == "command-line" else gettext("Fonoteka itself")

    def action(self, action: AuditAction) -> str:
        """What was done."""
        gettext = self.language.gettext
        known = {
            AuditAction.RECORDING_LISTENED: gettext("Listening"),
            AuditAction.RECORDING_DOWNLOADED: gettext("Download of a recording"),
            AuditAction.RECORDING_SHARED: gettext("Recording shared"),
            AuditAction.LINK_OPENED: gettext("Link opened"),
            AuditAction.LINK_REFUSED: gettext("Link refused"),
            AuditAction.LINK_REVOKED: gettext("Link revoked"),
            AuditAction.SHARING_CHANGED: gettext("Terms of sharing changed"),
            AuditAction.CALLS_EXPORTED: gettext("Download of several calls"),
            AuditAction.RECORDING_DELETED: gettext("Deletion of a recording"),
            AuditAction.RECORDING_BINNED: gettext("Recording put into the bin"),
            AuditAction.RECORDING_RESTORED: gettext("Recording restored"),
            AuditAction.RECORDING_OVERWRITTEN: gettext("Recording overwritten"),
            AuditAction.RECORDING_PAUSED: gettext("Recording paused"),
            AuditAction.RECORDING_RESUMED: gettext("Recording resumed"),
            AuditAction.RECORDING_KEPT: gettext("Call on demand kept"),
            AuditAction.CALL_UPLOADED: gettext("Upload of a call"),
            AuditAction.CALL_TAGGED: gettext("Tag put on a call"),
            AuditAction.CALL_UNTAGGED: gettext("Tag taken off a call"),
            AuditAction.CALL_MARKED: gettext("Mark of a call"),
            AuditAction.CALL_NOTED: gettext("Note of a call"),
            AuditAction.CALL_COMMENTED: gettext("Comment on a call"),
            AuditAction.CUSTOMER_NOTED: gettext("Note of a customer"),
            AuditAction.TAGS_CHANGED: gettext("Tags changed"),
            AuditAction.SEARCHES_CHANGED: gettext("Saved searches changed"),
            AuditAction.SCORE_GIVEN: gettext("Scorecard of a call"),
            AuditAction.SCORE_APPEALED: gettext("Appeal against marks"),
            AuditAction.SCORE_QUEUE_CHANGED: gettext("Queue of calls to mark"),
            AuditAction.SCORE_FORMS_CHANGED: gettext("Scorecards changed"),
            AuditAction.HOLD_PLACED: gettext("Legal hold placed"),
            AuditAction.HOLD_RELEASED: gettext("Legal hold released"),
            AuditAction.PLAN_CHANGED: gettext("Storage plan changed"),
            AuditAction.RETENTION_CHANGED: gettext("Retention changed"),
            AuditAction.STORAGE_AUDITED: gettext("Check of the storage asked for"),
            AuditAction.STORAGE_REPAIRED: gettext("Storage repaired"),
            AuditAction.SWEEP_CONFIRMED: gettext("Deletion by age confirmed"),
            AuditAction.RULES_CHANGED: gettext("Rules changed"),
            AuditAction.PEOPLE_CHANGED: gettext("People and numbers changed"),
            AuditAction.SIGNED_IN: gettext("Sign-in"),
            AuditAction.SIGN_IN_REFUSED: gettext("Sign-in refused"),
            AuditAction.SIGNED_OUT: gettext("Sign-out"),
            AuditAction.TOKEN_CREATED: gettext("Token made"),
            AuditAction.TOKEN_REVOKED: gettext("Token revoked"),
            AuditAction.USER_CREATED: gettext("User made"),
            AuditAction.USER_CHANGED: gettext("User changed"),
            AuditAction.ALERTS_CHANGED: gettext("Alerts changed"),
            AuditAction.SUBSCRIPTIONS_CHANGED: gettext("Receivers of call events changed"),
            AuditAction.PASSWORD_CHANGED: gettext("Own password changed"),
            AuditAction.SESSION_ENDED: gettext("Session ended"),
            AuditAction.TRANSCRIPT_READ: gettext("Transcript read"),
            AuditAction.TRANSCRIPTS_SEARCHED: gettext("Search in transcripts"),
            AuditAction.SPEECH_CHANGED: gettext("Speech set up"),
            AuditAction.TOPICS_CHANGED: gettext("Topics changed"),
            AuditAction.AUDIT_EXPORTED: gettext("Access log exported"),
        }
        return known.get(action, action.value)
