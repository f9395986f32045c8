"""Every error a person or a program may meet: a noun, a condition and a stable code; by room.

The codes are a promise (docs/operate/errors.md lists them, a test compares). HTTP status is not
known here; `api.errors` maps codes to it. All is imported from here, so a new error is written once,
in the file of its room.
"""

from __future__ import annotations

from fonoteka.domain.errors.accounts import *
from fonoteka.domain.errors.alerts import *
from fonoteka.domain.errors.annotations import *
from fonoteka.domain.errors.base import *
from fonoteka.domain.errors.base import FonotekaError
from fonoteka.domain.errors.calls import *
from fonoteka.domain.errors.capture import *
from fonoteka.domain.errors.formats import *
from fonoteka.domain.errors.intake import *
from fonoteka.domain.errors.policy import *
from fonoteka.domain.errors.running import *
from fonoteka.domain.errors.scorecards import *
from fonoteka.domain.errors.sharing import *
from fonoteka.domain.errors.speech import *
from fonoteka.domain.errors.storage import *
from fonoteka.domain.errors.topics import *


def all_errors() -> tuple[type[FonotekaError], ...]:
    """Every error class of the product, base included, for the documentation and the API."""
    found: list[type[FonotekaError]] = [FonotekaError]
    for known in found:
        found.extend(known.__subclasses__())
    return tuple(found)
