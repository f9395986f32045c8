"""`fonoteka web`: a part of `fonoteka serve`, also runnable alone, on a machine of its own."""

from __future__ import annotations

import uvicorn

from fonoteka import web_wiring, wiring
from fonoteka.cli.options import DataOption, HttpOption, host_and_port, log_as, settings_of
from fonoteka.domain.running import one_of_several


def web(data: DataOption = None, http: HttpOption = None) -> None:
    """Serve pages and the REST API."""
    settings = settings_of(data=data, http=http)
    log_as(settings)
    rooms = wiring.open_rooms(settings)
    host, port = host_and_port(settings.http, "--http")
    alerts = wiring.build_alert_service(settings, rooms, outlives_worker=True)
    with one_of_several(settings.folder.run / "web.lock"):
        alerts.start()
        uvicorn.run(
            web_wiring.build_app(settings, rooms),
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
            timeout_keep_alive=30,
        )
        alerts.stop()
    rooms.close()
