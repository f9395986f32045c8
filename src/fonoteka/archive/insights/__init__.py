"""What conversations come to, without listening to them: figures by agent and group, calls worth hearing."""

from fonoteka.archive.insights.csv_tables import InsightTable, insights_csv, topics_csv, worth_csv
from fonoteka.archive.insights.talks import talk_insights
from fonoteka.archive.insights.topics import topic_trends
from fonoteka.archive.insights.usual import Usual, usual_talk
from fonoteka.archive.insights.worth import WORTH_MAX, WorthPage, worth_hearing

__all__ = [
    "WORTH_MAX",
    "InsightTable",
    "Usual",
    "WorthPage",
    "insights_csv",
    "talk_insights",
    "topic_trends",
    "topics_csv",
    "usual_talk",
    "worth_csv",
    "worth_hearing",
]
