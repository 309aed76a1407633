"""`helio trust`: the authority of a https:// server, found, proved and stored; a real MicroPython then
trusts that server, and no other."""

import asyncio
import datetime
import os
import ssl
import sys

import pytest
import trustme
from helio_command import helio
from simulated import Simulated, mpremote

from web_pages import served

PAST = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
PAGES = {"/": b"it is me"}


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def system(authority, tmp_path):
    """The environment in which this machine trusts `authority`."""
    authority.cert_pem.write_to_path(tmp_path / "system.pem")
    return {**os.environ, "SSL_CERT_FILE": str(tmp_path / "system.pem")}


def der(authority):
    return ssl.PEM_cert_to_DER_cert(authority.cert_pem.bytes().decode())


def test_the_authority_is_stored_in_a_file_or_a_folder(authority, system, tmp_path):
    with served(PAGES, authority.issue_cert("localhost", "127.0.0.1")) as web:
        port = web.url.rpartition(":")[2]
        run = helio("trust", web.url, "--to", tmp_path / "here.der", env=system)
        assert (run.returncode, run.stderr) == (0, "")
        assert run.stdout == "127.0.0.1: %s\n" % (tmp_path / "here.der")
        assert (tmp_path / "here.der").read_bytes() == der(authority)
        both = ["https://localhost:%s/x" % port, web.url, web.url + "/again"]
        run = helio("trust", *both, "--to", tmp_path / "trust", env=system)
        assert (run.returncode, run.stderr) == (0, "")
        assert sorted(path.name for path in (tmp_path / "trust").iterdir()) == ["127.0.0.1.der", "localhost.der"]
        assert (tmp_path / "trust" / "localhost.der").read_bytes() == der(authority)


def test_through_an_intermediate_it_is_the_root_that_is_stored(authority, system, tmp_path):
    between = authority.create_child_ca()
    with served(PAGES, between.issue_cert("127.0.0.1")) as web:
        run = helio("trust", web.url, "--to", tmp_path / "root.der", env=system)
    assert (run.returncode, run.stderr) == (0, "")
    assert (tmp_path / "root.der").read_bytes() == der(authority)


def test_nobody_is_trusted_whom_this_machine_does_not_trust(authority, system, tmp_path):
    for certificate, says in (
        (trustme.CA().issue_cert("127.0.0.1"), "nobody that this machine trusts vouches for"),
        (authority.issue_cert("other.example"), "is for another address"),
        (authority.issue_cert("127.0.0.1", not_after=PAST), "has expired"),
    ):
        with served(PAGES, certificate) as web:
            run = helio("trust", web.url, "--to", tmp_path / "x.der", env=system)
        assert (run.returncode, run.stdout, run.stderr.count("\n")) == (1, "", 1)
        assert says in run.stderr
        assert not (tmp_path / "x.der").exists()


def test_what_is_there_and_no_certificate_stays_and_a_port_is_no_file(authority, system, tmp_path):
    with served(PAGES, authority.issue_cert("localhost", "127.0.0.1")) as web:
        (tmp_path / "main.py").write_text("precious")
        run = helio("trust", web.url, "--to", tmp_path / "main.py", env=system)
        assert run.returncode == 2 and "is no certificate" in run.stderr
        assert (tmp_path / "main.py").read_text() == "precious"
        run = helio("trust", web.url, "--to", "/dev/ttyUSB77", env=system)
    assert run.returncode == 2 and "is the board plugged in" in run.stderr and not os.path.exists("/dev/ttyUSB77")


def test_what_is_not_https_needs_nobody(tmp_path):
    with served(PAGES) as web:
        run = helio("trust", web.url, "--to", tmp_path / "x.der")
        assert run.returncode == 2 and "only https://" in run.stderr
        run = helio("trust", web.url.replace("http", "https"), "--to", tmp_path / "x.der")
        assert run.returncode == 1 and "does not speak TLS" in run.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
def test_a_board_that_was_told_whom_to_trust_reads_the_page(authority, system):
    asyncio.run(_told_whom_to_trust(authority, system))


async def _told_whom_to_trust(authority, system):
    read = "import helio.blocking; print(helio.blocking.get('%s').read())"
    async with Simulated() as boards:
        serial = (await boards.next("ready"))["serial"]
        with served(PAGES, authority.issue_cert("localhost"), host="localhost") as web:
            refused = await mpremote(serial, "exec", "try: %s\nexcept Exception as e: print(e)" % (read % web.url))
            assert "knows no authority for localhost: `helio trust %s --to PORT`" % web.url.rstrip("/") in refused
            run = await run_helio("trust", web.url, "--to", serial, env=system)
            assert (run.returncode, run.stdout) == (0, "localhost: trust/localhost.der on the board at %s\n" % serial)
            await boards.next("ready")  # it has started its program again
            assert "b'it is me'" in await mpremote(serial, "exec", read % web.url)


async def run_helio(*words, **options):
    return await asyncio.get_running_loop().run_in_executor(None, lambda: helio(*words, **options))
