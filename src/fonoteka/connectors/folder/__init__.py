"""Recordings that others made: imported from a tree of files, watched for in a folder, or uploaded."""

from fonoteka.connectors.folder.cdr_calls import CdrClock
from fonoteka.connectors.folder.cdr_watcher import CdrConfig, CdrWatcher
from fonoteka.connectors.folder.config import FolderConfig
from fonoteka.connectors.folder.deposit import remove_abandoned
from fonoteka.connectors.folder.importer import Importer, survey
from fonoteka.connectors.folder.reconciling import Reconciler, Reconciliation
from fonoteka.connectors.folder.report import ImportReport, Problem
from fonoteka.connectors.folder.rounds import Rounds
from fonoteka.connectors.folder.watcher import FolderWatcher

__all__ = [
    "CdrClock",
    "CdrConfig",
    "CdrWatcher",
    "FolderConfig",
    "FolderWatcher",
    "ImportReport",
    "Importer",
    "Problem",
    "Reconciler",
    "Reconciliation",
    "Rounds",
    "remove_abandoned",
    "survey",
]
