"""What alerts count."""

from prometheus_client import Counter, Histogram

NEWS = Counter(
    "fonoteka_alert_news_total",
    "News of alerts, by condition and kind (raised, escalated, reminded, cleared).",
    ["condition", "kind"],
)
UNREPORTED = Counter(
    "fonoteka_alerts_unreported_total",
    "Reports of conditions that were lost because the database did not answer.",
)
ATTEMPTS = Counter(
    "fonoteka_delivery_attempts_total",
    "Attempts to deliver a message, by transport and outcome.",
    ["transport", "outcome"],
)
GIVEN_UP = Counter(
    "fonoteka_deliveries_given_up_total", "Messages that were given up, by transport.", ["transport"]
)
DELIVERY_SECONDS = Histogram(
    "fonoteka_delivery_seconds",
    "Seconds that an attempt to deliver took, by transport.",
    ["transport"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
