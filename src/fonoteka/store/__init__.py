"""SQL: the only room that knows SQLAlchemy. Tables, migrations, repositories.

SQLAlchemy Core, not the ORM: rows become frozen domain values at once, so an identity map, lazy loading
and dirty tracking would have nothing to do but hide queries; each query stands written in one repository.
"""

from fonoteka.store.audit import AuditPosition, hash_of
from fonoteka.store.call_identities import FORMER_ID, SESSION_ID
from fonoteka.store.call_order import Order
from fonoteka.store.copying import CopiedTable
from fonoteka.store.keeping import StoredRow
from fonoteka.store.ledger import PastCall
from fonoteka.store.matching import customer_key
from fonoteka.store.months import month_of
from fonoteka.store.notes import NoteKind
from fonoteka.store.paging import Position
from fonoteka.store.reports import Audience
from fonoteka.store.rule_sets import RuleVersionRow
from fonoteka.store.sessions import SessionRow
from fonoteka.store.sign_in_attempts import Attempts
from fonoteka.store.sign_in_links import SignInLinkRow
from fonoteka.store.sound_days import SoundDay
from fonoteka.store.store import DatabaseState, Store
from fonoteka.store.sweeps import SweepRow
from fonoteka.store.tokens import TokenRow
from fonoteka.store.transaction import Transaction
from fonoteka.store.trial import Part, Trial
from fonoteka.store.users import UserRow
from fonoteka.store.versions import Version

__all__ = [
    "FORMER_ID",
    "SESSION_ID",
    "Attempts",
    "Audience",
    "AuditPosition",
    "CopiedTable",
    "DatabaseState",
    "NoteKind",
    "Order",
    "Part",
    "PastCall",
    "Position",
    "RuleVersionRow",
    "SessionRow",
    "SignInLinkRow",
    "SoundDay",
    "Store",
    "StoredRow",
    "SweepRow",
    "TokenRow",
    "Transaction",
    "Trial",
    "UserRow",
    "Version",
    "customer_key",
    "hash_of",
    "month_of",
]
