"""What is wrong, and who is told: alerts, channels, the outbox of messages to the outside."""

from fonoteka.alerts.alert_room import AlertRoom, MailServer, MailTls, WebhookLimits
from fonoteka.alerts.alert_service import AlertService
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
from fonoteka.alerts.telling import look_after_alerts
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
    "deliver_due",
    "ensure_own_channel",
    "find_alerts",
    "find_deliveries",
    "get_delivery",
    "list_channels",
    "look_after_alerts",
    "mail_server_of",
    "open_alerts",
    "renew_secret",
    "replay_delivery",
    "save_channel",
    "say",
    "try_channel",
    "webhook_limits_of",
]
