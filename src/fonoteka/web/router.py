"""The pages put together, for the composition root."""

from __future__ import annotations

from fastapi import APIRouter, Depends, FastAPI

from fonoteka.web.account_pages import add_account_pages
from fonoteka.web.alert_pages import add_alert_pages
from fonoteka.web.assets import STATIC_FOLDER, Assets, assets_address
from fonoteka.web.audit_pages import add_audit_pages
from fonoteka.web.bin_pages import add_bin_pages, add_hold_pages
from fonoteka.web.bulk_pages import add_bulk_pages
from fonoteka.web.call_pages import add_call_pages
from fonoteka.web.calls_pages import add_calls_pages
from fonoteka.web.channel_pages import add_channel_pages
from fonoteka.web.compression import PackedPages
from fonoteka.web.customer_pages import add_customer_pages
from fonoteka.web.delivery_pages import add_delivery_pages
from fonoteka.web.desk import Desk
from fonoteka.web.errors import install_error_pages
from fonoteka.web.export_pages import add_export_pages
from fonoteka.web.insight_pages import add_insight_pages
from fonoteka.web.ledger_pages import add_ledger_pages
from fonoteka.web.link_pages import add_link_pages
from fonoteka.web.live_pages import add_live_pages
from fonoteka.web.people_pages import add_people_pages
from fonoteka.web.planner_pages import add_planner_pages
from fonoteka.web.preference_pages import add_preference_pages
from fonoteka.web.report_pages import add_report_pages
from fonoteka.web.rule_pages import add_rule_pages
from fonoteka.web.said_pages import add_said_pages
from fonoteka.web.score_form_pages import add_score_form_pages
from fonoteka.web.score_pages import add_score_pages
from fonoteka.web.score_panel import add_score_panel
from fonoteka.web.score_queue_pages import add_score_queue_pages
from fonoteka.web.search_pages import add_search_pages
from fonoteka.web.security import SecurityHeaders, same_origin_check
from fonoteka.web.share_pages import add_share_pages
from fonoteka.web.sign_in_pages import add_sign_in_pages
from fonoteka.web.speech_pages import add_speech_pages
from fonoteka.web.storage_pages import add_storage_pages
from fonoteka.web.tag_pages import add_tag_pages
from fonoteka.web.tenant_pages import add_tenant_pages
from fonoteka.web.token_pages import add_token_pages
from fonoteka.web.topic_pages import add_topic_pages
from fonoteka.web.user_pages import add_user_pages
from fonoteka.web.webhook_pages import add_webhook_pages


def create_router(desk: Desk) -> APIRouter:
    """All pages."""
    router = APIRouter(
        include_in_schema=False, dependencies=[Depends(same_origin_check(desk.settings.public_url))]
    )
    add_sign_in_pages(router, desk)
    add_preference_pages(router, desk)
    add_export_pages(router, desk)
    add_calls_pages(router, desk)
    add_bulk_pages(router, desk)
    add_search_pages(router, desk)
    add_call_pages(router, desk)
    add_said_pages(router, desk)
    add_customer_pages(router, desk)
    add_tag_pages(router, desk)
    add_report_pages(router, desk)
    add_insight_pages(router, desk)
    add_score_panel(router, desk)
    add_score_pages(router, desk)
    add_score_form_pages(router, desk)
    add_score_queue_pages(router, desk)
    add_rule_pages(router, desk)
    add_people_pages(router, desk)
    add_ledger_pages(router, desk)
    add_speech_pages(router, desk)
    add_topic_pages(router, desk)
    add_storage_pages(router, desk)
    add_planner_pages(router, desk)
    add_bin_pages(router, desk)
    add_hold_pages(router, desk)
    add_tenant_pages(router, desk)
    add_user_pages(router, desk)
    add_token_pages(router, desk)
    add_account_pages(router, desk)
    add_audit_pages(router, desk)
    add_live_pages(router, desk)
    add_alert_pages(router, desk)
    add_channel_pages(router, desk)
    add_delivery_pages(router, desk)
    add_webhook_pages(router, desk)
    add_share_pages(router, desk)
    pages = APIRouter(include_in_schema=False)
    pages.include_router(router)
    # Strangers have no rights that another site could use, and send no origin: the pages ask for no referrer.
    add_link_pages(pages, desk)
    return pages


def install(app: FastAPI) -> None:
    """Static files, packed pages, security headers on every response, and error pages for people.

    Programs' addresses (the API, metrics) keep the error handlers that they have.
    """
    app.mount(assets_address(), Assets(directory=STATIC_FOLDER), name="assets")
    app.add_middleware(PackedPages)
    app.add_middleware(SecurityHeaders)
    install_error_pages(app)
