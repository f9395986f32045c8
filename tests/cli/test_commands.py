"""The command line as a person meets it."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.service import HOST, Service, wait_for


def fonoteka(service: Service, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fonoteka", *arguments],
        env=service.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_first_start_makes_an_administrator_and_prints_the_password_once(service: Service) -> None:
    environment = {
        key: value for key, value in service.environment.items() if key != "FONOTEKA_ADMIN_PASSWORD"
    }
    for first in (True, False):
        process = subprocess.Popen(
            [sys.executable, "-m", "fonoteka", "serve"], env=environment, stderr=subprocess.PIPE, text=True
        )
        service.processes.append(process)  # type: ignore[arg-type]
        wait_for(service.is_up)
        process.send_signal(signal.SIGINT)
        _, printed = process.communicate(timeout=60)
        assert process.returncode == 0
        assert ("password" in printed) is first, printed


def test_a_port_in_use_is_said_with_what_to_do(service: Service) -> None:
    host, _, port = service.http.partition(":")
    with socket.create_server((host, int(port))):
        done = fonoteka(service, "serve")
    assert done.returncode == 1
    assert service.http in done.stderr
    assert "--http" in done.stderr
    assert "address.in_use" in done.stderr
    assert "Traceback" not in done.stderr


def test_two_on_one_folder_are_refused(service: Service) -> None:
    service.up()
    done = fonoteka(service, "serve")
    assert done.returncode == 1
    assert "data.in_use" in done.stderr


def test_a_token_opens_the_api(service: Service) -> None:
    service.up()
    assert service.fetch("/calls")[0] == 200
    service.token = "not-a-token"
    assert service.fetch("/calls")[0] == 401


def test_doctor_finds_a_fresh_folder_fit(service: Service) -> None:
    done = fonoteka(service, "doctor", "--json")
    findings = json.loads(done.stdout)
    assert [one for one in findings if one["verdict"] == "bad"] == []
    assert done.returncode == 0
    assert {"Python", "SQLite", "Libraries", "Disk space", "Clock", "SIP address", "Media ports"} <= {
        one["subject"] for one in findings
    }


def test_doctor_says_what_to_do_about_a_port_and_a_folder(service: Service, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with socket.create_server((HOST, int(service.sip.rpartition(":")[2]))):
        done = fonoteka(service, "doctor")
    assert done.returncode == 1
    assert "--sip" in done.stdout
    done = fonoteka(service, "serve", "--data", str(blocked / "data"))
    assert done.returncode == 1
    assert "setting.invalid" in done.stderr
    assert "--data" in done.stderr


def test_a_bad_setting_is_named(service: Service) -> None:
    (service.data / "fonoteka.toml").write_text("media_port_min = 5\nportt = 1\n")
    done = fonoteka(service, "token", "create", "x")
    assert done.returncode == 1
    assert "media_port_min" in done.stderr
    assert "portt" in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_from_the_file_count_less_than_the_environment(service: Service) -> None:
    (service.data / "fonoteka.toml").write_text('http = "127.0.0.1:1"\nsession_days = 3\n')
    service.up()
    assert service.is_up()
