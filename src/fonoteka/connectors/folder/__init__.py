"""Recordings that others made: imported from a tree of files, watched for in a folder, or uploaded."""

from fonoteka.connectors.folder.config import FolderConfig
from fonoteka.connectors.folder.deposit import remove_abandoned
from fonoteka.connectors.folder.importer import Importer, survey
from fonoteka.connectors.folder.report import ImportReport, Problem
from fonoteka.connectors.folder.watcher import FolderWatcher

__all__ = [
    "FolderConfig",
    "FolderWatcher",
    "ImportReport",
    "Importer",
    "Problem",
    "remove_abandoned",
    "survey",
]
