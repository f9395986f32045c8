"""What the rooms below say is wrong, in English, and how to say it again: a file for each of them.

Each function gives patterns, and what to say with their groups.
"""

from __future__ import annotations

from collections.abc import Callable

from fonoteka.web.problems.annotations import of_annotations
from fonoteka.web.problems.channels import of_channels
from fonoteka.web.problems.people import of_people
from fonoteka.web.problems.rules import of_rules
from fonoteka.web.problems.scores import of_scores
from fonoteka.web.problems.sharing import of_sharing
from fonoteka.web.problems.speech import of_speech
from fonoteka.web.problems.storage import of_storage
from fonoteka.web.problems.topics import of_topics
from fonoteka.web.problems.users import of_users

Said = tuple[tuple[str, str], ...]

ALL: tuple[Callable[[Callable[[str], str]], Said], ...] = (
    of_people,
    of_rules,
    of_users,
    of_storage,
    of_channels,
    of_annotations,
    of_sharing,
    of_speech,
    of_scores,
    of_topics,
)
