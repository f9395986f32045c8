"""Asterisk by ARI: follows every call and records each party apart; the dialplan is not touched."""

from fonoteka.connectors.asterisk.config import AsteriskConfig
from fonoteka.connectors.asterisk.connector import AsteriskConnector

__all__ = ["AsteriskConfig", "AsteriskConnector"]
