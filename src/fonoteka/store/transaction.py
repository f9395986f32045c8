"""What a transaction offers: the repositories, all on one connection."""

from __future__ import annotations

from sqlalchemy import Connection

from fonoteka.store.alert_channels import AlertChannels
from fonoteka.store.alerts import Alerts
from fonoteka.store.annotations import AnnotationRows
from fonoteka.store.audit import AuditLog
from fonoteka.store.call_counting import CallCounting
from fonoteka.store.call_events import CallEvents, EventSubscriptions
from fonoteka.store.call_identities import CallIdentities
from fonoteka.store.call_tallies import CallTallies
from fonoteka.store.calls import Calls
from fonoteka.store.deliveries import Deliveries
from fonoteka.store.evaluations import Evaluations
from fonoteka.store.extensions import Extensions
from fonoteka.store.groups import Groups
from fonoteka.store.holds import Holds
from fonoteka.store.keeping import KeepingRows
from fonoteka.store.ledger import Ledger
from fonoteka.store.month_sums import MonthSums
from fonoteka.store.recordings import Recordings
from fonoteka.store.reports import Reports
from fonoteka.store.rule_sets import RuleSets
from fonoteka.store.saved_searches import SavedSearches
from fonoteka.store.schedules import Schedules
from fonoteka.store.score_appeals import ScoreAppeals
from fonoteka.store.score_forms import ScoreForms
from fonoteka.store.score_queues import ScoreQueues
from fonoteka.store.score_results import ScoreSums
from fonoteka.store.sessions import Sessions
from fonoteka.store.shares import Shares
from fonoteka.store.sign_in_attempts import SignInAttempts
from fonoteka.store.sign_in_links import SignInLinks
from fonoteka.store.sound_days import SoundDays
from fonoteka.store.speech_orders import SpeechOrders
from fonoteka.store.storage_audits import StorageAudits
from fonoteka.store.sweeps import Sweeps
from fonoteka.store.tag_changes import TagChanges
from fonoteka.store.tags import Tags
from fonoteka.store.talk_reports import TalkReports
from fonoteka.store.talks import Talks
from fonoteka.store.tenants import Tenants
from fonoteka.store.tokens import Tokens
from fonoteka.store.topic_hits import TopicHits
from fonoteka.store.topic_trends import TopicTrends
from fonoteka.store.topics import Topics
from fonoteka.store.transcript_search import TranscriptSearch
from fonoteka.store.transcripts import SpeechLanguages, Transcripts
from fonoteka.store.trial import Trials
from fonoteka.store.trunks import Trunks
from fonoteka.store.usage import Usage
from fonoteka.store.users import Users
from fonoteka.store.versions import PLANS, TERMS, Versions
from fonoteka.store.workers import Workers


class Transaction:
    """One transaction. Nobody commits here: `Store.transaction` does at the end of its block."""

    def __init__(self, connection: Connection) -> None:
        self.calls = Calls(connection)
        self.call_tallies = CallTallies(connection)
        self.call_counting = CallCounting(connection)
        self.month_sums = MonthSums(connection)
        self.reports = Reports(connection)
        self.sound_days = SoundDays(connection)
        self.identities = CallIdentities(connection)
        self.recordings = Recordings(connection)
        self.audit = AuditLog(connection)
        self.ledger = Ledger(connection)
        self.tenants = Tenants(connection)
        self.extensions = Extensions(connection)
        self.groups = Groups(connection)
        self.trunks = Trunks(connection)
        self.rule_sets = RuleSets(connection)
        self.plans = Versions(connection, PLANS)
        self.terms = Versions(connection, TERMS)
        self.usage = Usage(connection)
        self.keeping = KeepingRows(connection)
        self.tags = Tags(connection)
        self.tag_changes = TagChanges(connection)
        self.searches = SavedSearches(connection)
        self.annotations = AnnotationRows(connection)
        self.trials = Trials(connection)
        self.holds = Holds(connection)
        self.sweeps = Sweeps(connection)
        self.storage_audits = StorageAudits(connection)
        self.users = Users(connection)
        self.sessions = Sessions(connection)
        self.tokens = Tokens(connection)
        self.sign_in_links = SignInLinks(connection)
        self.sign_in_attempts = SignInAttempts(connection)
        self.workers = Workers(connection)
        self.schedules = Schedules(connection)
        self.alerts = Alerts(connection)
        self.alert_channels = AlertChannels(connection)
        self.deliveries = Deliveries(connection)
        self.call_events = CallEvents(connection)
        self.event_subscriptions = EventSubscriptions(connection)
        self.talks = Talks(connection)
        self.talk_reports = TalkReports(connection)
        self.topic_trends = TopicTrends(connection)
        self.score_forms = ScoreForms(connection)
        self.evaluations = Evaluations(connection)
        self.score_appeals = ScoreAppeals(connection)
        self.score_sums = ScoreSums(connection)
        self.score_queues = ScoreQueues(connection)
        self.transcripts = Transcripts(connection)
        self.transcript_search = TranscriptSearch(connection)
        self.speech_languages = SpeechLanguages(connection)
        self.speech_orders = SpeechOrders(connection)
        self.topics = Topics(connection)
        self.topic_hits = TopicHits(connection)
        self.shares = Shares(connection)
