"""What is said of calls, taken together: for the page of one call, for the rows of a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, update

from fonoteka.domain.annotations import Annotations, Gist
from fonoteka.domain.call import Call
from fonoteka.store.comments import Comments
from fonoteka.store.marks import CallMarks
from fonoteka.store.note_words import NoteWords
from fonoteka.store.notes import NoteKind, Notes
from fonoteka.store.tables import call_tags, call_words, evaluations, mark_means, score_tasks, topic_calls
from fonoteka.store.tags import Tags
from fonoteka.store.transcript_search import TranscriptSearch


class AnnotationRows:
    """Tags, marks, notes and comments of calls."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.marks = CallMarks(connection)
        self.notes = Notes(connection)
        self.comments = Comments(connection)
        self._tags = Tags(connection)
        self._words = NoteWords(connection)

    def of_call(self, tenant_id: str, call_id: str) -> Annotations:
        """All that is said of a call."""
        return Annotations(
            call_id,
            self._tags.of_calls([call_id]).get(call_id, ()),
            self.marks.of_call(call_id),
            self.notes.newest(tenant_id, NoteKind.CALL, call_id),
            self.comments.of_call(call_id),
        )

    def gists(self, tenant_id: str, call_ids: Sequence[str]) -> dict[str, Gist]:
        """What rows show of some calls, in four queries; every id has one."""
        tags, means = self._tags.of_calls(call_ids), self.marks.means_of(call_ids)
        written = self.notes.written(tenant_id, NoteKind.CALL, call_ids)
        comments = self.comments.counts_of(call_ids)
        return {
            one: Gist(
                tuple(tag.tag for tag in tags.get(one, ())),
                means.get(one),
                one in written,
                comments.get(one, 0),
            )
            for one in call_ids
        }

    def index_words(self, call: Call) -> None:
        """Make the call findable by the words of its note and comments; after any change of those."""
        note = self.notes.newest(call.tenant_id, NoteKind.CALL, call.id)
        self._words.write(call, [note.text, *(one.text for one in self.comments.of_call(call.id))])


def move_annotations(connection: Connection, call_id: str, started_at: datetime) -> None:
    """The call began at another instant than was thought: what is found by it moves along."""
    for table in (call_tags, mark_means, call_words, evaluations, score_tasks, topic_calls):
        connection.execute(update(table).where(table.c.call_id == call_id).values(started_at=started_at))
    TranscriptSearch(connection).move(call_id, started_at)
