"""`fonoteka alert`: what is wrong, a test that a real mail server takes or not, the log."""

from __future__ import annotations

from pathlib import Path

from fonoteka import wiring
from fonoteka.accounts import ensure_first_administrator
from fonoteka.alerts import Desk
from fonoteka.domain.alerts import Condition
from fonoteka.settings import load_settings
from tests.alerts.mail_server import PASSWORD, SENDER, USER, TestMailServer
from tests.certificates import make_certificate
from tests.cli.test_commands import fonoteka
from tests.service import Service


def test_what_is_wrong_a_test_and_the_log(service: Service, tmp_path: Path) -> None:
    server = TestMailServer(make_certificate(tmp_path, "localhost"))
    server.start()
    (service.data / "fonoteka.toml").write_text(
        f'smtp_host = "localhost"\nsmtp_port = {server.port}\nsmtp_user = "{USER}"\n'
        f'smtp_password = "{PASSWORD}"\nsmtp_sender = "{SENDER}"\n'
        f'tls_ca_file = "{server.certificate.ca_file}"\n'
    )
    settings = load_settings(data=service.data)
    rooms = wiring.open_rooms(settings)
    ensure_first_administrator(rooms.accounts, "a pass phrase for tests")
    with rooms.store.transaction() as tx:
        user = tx.users.first_administrator("default")
        assert user
        tx.users.set_email(user.id, "anna@example.com", "en")
    Desk(rooms.alerts).report(Condition.DISK_LOW, "default", "n", {"machine": "alpha"}, 2)
    rooms.close()

    listed = fonoteka(service, "alert", "list")
    assert "critical\tdisk.low\tThe disk is full" in listed.stdout, listed.stderr
    tested = fonoteka(service, "alert", "test", "anna@example.com")
    assert (tested.returncode, tested.stdout) == (0, "anna@example.com: taken\n"), tested.stderr
    log = fonoteka(service, "alert", "deliveries", "--state", "sent").stdout
    assert log.count("\tanna@example.com\t") == 1
    server.stop()
    failed = fonoteka(service, "alert", "test", user.name)
    assert (failed.returncode, "delivery.failed" in failed.stderr) == (1, True)
    assert "unreachable" in failed.stderr
    assert {str(one["To"]) for one in server.mails} == {"anna@example.com"}
