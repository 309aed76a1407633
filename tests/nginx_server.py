"""An nginx of our own, for the tests and the benchmarks."""

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager

HOST = "127.0.0.1"
START_S = 20
NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")  # None: it is not here
_ALL_IN_ITS_FOLDER = """
daemon off;
pid pid;
worker_processes 1;
error_log stderr;
%s
events {}
http {
    client_body_temp_path temporary; proxy_temp_path temporary; fastcgi_temp_path temporary;
    uwsgi_temp_path temporary; scgi_temp_path temporary;
%s
}
"""


def free_port():
    """A port that nobody has, a moment ago."""
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        return sock.getsockname()[1]


@contextmanager
def nginx(folder, http, port):
    """Run one with `http`, what stands in that part of its configuration, and all its files in `folder`,
    until the context ends. It listens at `port`."""
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(_ALL_IN_ITS_FOLDER % (user, http))
    with open(folder / "errors", "wb") as errors:
        process = subprocess.Popen([NGINX, "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"], stderr=errors)
    try:
        deadline = time.monotonic() + START_S
        while not _is_up(port):
            assert process.poll() is None and time.monotonic() < deadline, (folder / "errors").read_text()
            time.sleep(0.01)
        yield
    finally:
        process.terminate()
        process.wait(START_S)


def _is_up(port):
    with socket.socket() as sock:
        return sock.connect_ex((HOST, port)) == 0
