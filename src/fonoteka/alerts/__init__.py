"""What is wrong, and who is told: alerts, channels, the outbox of messages to the outside."""

from fonoteka.alerts.alert_room import AlertRoom, MailServer, MailTls, WebhookLimits
from fonoteka.alerts.alert_service import AlertService
from fonoteka.alerts.call_events import queue_call_events
from fonoteka.alerts.channels import (
    delete_channel,
    ensure_own_channel,
    list_channels,
    renew_secret,
    save_channel,
    try_channel,
)
from fonoteka.alerts.configuration import mail_server_of, webhook_limits_of
from fonoteka.alerts.desk import Desk
from fonoteka.alerts.listing import (
    acknowledge_alert,
    find_alerts,
    find_deliveries,
    get_delivery,
    open_alerts,
    replay_delivery,
)
from fonoteka.alerts.postman import deliver_due
from fonoteka.alerts.rendering import alert_json
from fonoteka.alerts.subscriptions import (
    delete_subscription,
    list_subscriptions,
    renew_subscription_secret,
    save_subscription,
    try_subscription,
)
from fonoteka.alerts.telling import look_after_alerts
from fonoteka.alerts.topic_news import tell_topics
from fonoteka.alerts.watch import Machine, Watch
from fonoteka.alerts.words import say

__all__ = [
    "AlertRoom",
    "AlertService",
    "Desk",
    "Machine",
    "MailServer",
    "MailTls",
    "Watch",
    "WebhookLimits",
    "acknowledge_alert",
    "alert_json",
    "delete_channel",
    "delete_subscription",
    "deliver_due",
    "ensure_own_channel",
    "find_alerts",
    "find_deliveries",
    "get_delivery",
    "list_channels",
    "list_subscriptions",
    "look_after_alerts",
    "mail_server_of",
    "open_alerts",
    "queue_call_events",
    "renew_secret",
    "renew_subscription_secret",
    "replay_delivery",
    "save_channel",
    "save_subscription",
    "say",
    "tell_topics",
    "try_channel",
    "try_subscription",
    "webhook_limits_of",
]
