"""The last good copy of each document, on disk, so that it is there after a restart.

Two files a URL: the body, and beside it what is known of it. Each is replaced as a whole.
"""

import hashlib
import json
import os
import tempfile

from helio_host.serving.limits import UPSTREAM_MAX_BYTES


class Store:
    """Keeps bodies and what is known of them in `folder`. Only `save` raises, OSError."""

    def __init__(self, folder):
        self._folder = folder

    def load(self, url):
        """`(facts, body)`, a dict and bytes, as they were saved; None where there are none."""
        body_path, facts_path = self._paths(url)
        try:
            facts = json.loads(facts_path.read_bytes())
            if not isinstance(facts, dict) or facts.get("url") != url:
                return None
            with open(body_path, "rb") as file:
                return facts, file.read(UPSTREAM_MAX_BYTES)
        except (OSError, ValueError, RecursionError):
            return None

    def save(self, url, facts, body=None):
        """Keep a body, and what is known of it; without a body only that is new."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        body_path, facts_path = self._paths(url)
        # in this order: facts that are older than their body only mean that we ask once more
        if body is not None:
            self._replace(body_path, body)
        self._replace(facts_path, json.dumps({**facts, "url": url}).encode())

    def forget(self, url):
        """Keep nothing of it."""
        for path in self._paths(url):
            try:
                path.unlink(missing_ok=True)
            except OSError:
                pass

    def _paths(self, url):
        name = hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return self._folder / (name + ".body"), self._folder / (name + ".json")

    def _replace(self, path, data):
        handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=path.stem, suffix=".new")
        try:
            with open(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
