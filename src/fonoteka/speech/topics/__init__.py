"""Topics: phrase dictionaries, looked for in what is said. Use cases are verbs, as in `speech`."""

from fonoteka.speech.topics.editing import (
    Put,
    TopicContent,
    calls_to_reread,
    create_topic,
    delete_topic,
    get_topic,
    list_topics,
    put_topics,
    reread_calls,
    restore_topic,
    save_topic,
)
from fonoteka.speech.topics.places import (
    TRIED_CALLS_MAX,
    TopicPlace,
    TopicTrial,
    TriedPlace,
    count_topic_calls,
    topic_places,
    try_phrases,
)
from fonoteka.speech.topics.reading import TopicReader

__all__ = [
    "TRIED_CALLS_MAX",
    "Put",
    "TopicContent",
    "TopicPlace",
    "TopicReader",
    "TopicTrial",
    "TriedPlace",
    "calls_to_reread",
    "count_topic_calls",
    "create_topic",
    "delete_topic",
    "get_topic",
    "list_topics",
    "put_topics",
    "reread_calls",
    "restore_topic",
    "save_topic",
    "topic_places",
    "try_phrases",
]
