"""`helio.blocking.get` where a name has several addresses, on CPython."""

import socket
import threading

import pytest

from helio.blocking import get
from helio.errors import NoAnswer

RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock


def answer_once(listening):
    def run():
        with listening.accept()[0] as sock:
            sock.recv(1000)
            sock.sendall(RESPONSE)

    threading.Thread(target=run, daemon=True).start()


def have_addresses(monkeypatch, *found):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: list(found))


def entry(address, family=socket.AF_INET):
    return (family, socket.SOCK_STREAM, 0, "", address)


def test_the_next_address_is_tried(listening, monkeypatch, free_port_number):
    answer_once(listening)
    refused = entry(("127.0.0.1", free_port_number))
    have_addresses(monkeypatch, refused, entry(listening.getsockname()))
    assert get("http://board.example/").read() == b"hi"


def test_a_family_that_this_machine_has_not_is_passed_over(listening, monkeypatch):
    answer_once(listening)
    have_addresses(monkeypatch, entry(("::1", 1, 0, 0), 4711), entry(listening.getsockname()))
    assert get("http://board.example/").read() == b"hi"


def test_when_none_takes_it_the_last_error_is_told(monkeypatch, free_port_number):
    refused = entry(("127.0.0.1", free_port_number))
    have_addresses(monkeypatch, refused, refused)
    with pytest.raises(NoAnswer, match="no web server on port"):
        get("http://board.example/")


def test_all_of_connecting_has_one_limit(listening):
    url = "https://127.0.0.1:%d/" % listening.getsockname()[1]  # which takes the connection and says nothing
    with pytest.raises(NoAnswer, match="within 0.05 s"):
        get(url, connect_timeout_s=0.05)


@pytest.fixture
def free_port_number():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]
