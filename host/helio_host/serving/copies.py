"""The copy that is kept of each document: when it is asked for anew, by one for all, and what is
served while that fails."""

import asyncio
import functools
import itertools
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor

from helio.errors import HelioError, NetworkError, Refused
from helio_host.cli import printable
from helio_host.serving import freshness
from helio_host.serving.documents import digest
from helio_host.serving.limits import (
    FIRST_WAIT_S,
    LISTED_MAX,
    RENDERED_MAX,
    RETRY_MAX_S,
    RETRY_S,
    UPSTREAM_MAX_BYTES,
    WAIT_S,
)
from helio_host.serving.upstream import host_of

_VALIDATORS = (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since"))

# what reads documents and disks: one, for Python would not do two at once anyway
_worker = ThreadPoolExecutor(1, thread_name_prefix="helio-serve")


async def _beside(function, *arguments):
    return await asyncio.get_running_loop().run_in_executor(_worker, function, *arguments)


class Copy:
    """One document. `digest` is the last good one, or None; `problem` why the newest try failed, or
    None; `asked_s` when we last had word from where it comes from, seconds since 1970, or None.

    `on_problem` is called with each new problem. To be subclassed: `_fetch`, `is_fresh`.
    """

    def __init__(self, choice, on_problem, clock=time.time):
        self.choice = choice
        self.digest = None
        self.problem = None
        self.asked_s = None
        self._on_problem = on_problem
        self._clock = clock
        self._has_failed = False
        self._task = None
        self._rendered = {}

    # Of a subclass: whether `digest` may be served without asking; ask, for as long as it takes,
    # raising HelioError; whether it is too early to.

    def is_fresh(self):
        raise NotImplementedError

    async def _fetch(self):
        raise NotImplementedError

    def _is_resting(self):
        return False

    @property
    def is_stale(self):
        """Whether what is served is older than it should be, for we asked in vain or still wait."""
        return self.digest is not None and (self._has_failed or self._task is not None) and not self.is_fresh()

    async def refresh(self):
        """Ask anew if it is time. Whoever asks meanwhile waits for the same answer, but not for long."""
        self.begin()
        if self._task:
            await asyncio.wait([self._task], timeout=WAIT_S if self.digest else FIRST_WAIT_S)

    def begin(self):
        """The same, without waiting for what comes of it."""
        if self._task is None and not self.is_fresh() and not self._is_resting():
            self._task = asyncio.create_task(self._ask())

    async def _ask(self):
        self._has_failed = True
        try:
            await self._fetch()
            self._has_failed = False
            self._say(self.digest.trouble)
        except HelioError as error:
            self._say(str(error))
        except Exception as error:  # a mistake of ours shall not end the others
            self._say("it could not be read (%r): please report this" % error)
        finally:
            self._task = None

    def _say(self, problem):
        problem = problem and printable(problem)[:400]
        if problem and problem != self.problem:
            self._on_problem(problem)
        self.problem = problem

    def _take(self, found):
        self.digest = found
        self._rendered.clear()

    async def restore(self):
        """Take what was kept of it by an earlier run."""

    async def close(self):
        """Stop asking."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])

    def rendered(self, query, render):
        """What `render(digest)` gives, kept for as long as the digest for whoever asks with the same `query`."""
        found = self._rendered.get(query)
        if found is None:
            found = render(self.digest)
            if len(self._rendered) >= RENDERED_MAX:
                self._rendered.clear()
            self._rendered[query] = found
        return found


class UrlCopy(Copy):
    """The document at a URL. `client` is an `upstream.Client`, `store` a `store.Store`."""

    def __init__(self, url, client, store, *rest, **options):
        super().__init__(*rest, **options)
        self._url = url
        self._client = client
        self._store = store
        self._facts = {}  # what the store has of it, beside the body
        self._failures = 0
        self._failed_s = self._rest_s = self._wanted_rest_s = 0

    async def restore(self):
        found = await _beside(self._load)
        if found:
            self._facts, kept = found
            self.asked_s = self._facts["asked_s"]
            self._take(kept)

    def _load(self):
        loaded = self._store.load(self._url)
        if loaded is None:
            return None
        facts, body = loaded
        try:
            kept = digest(body, str(facts["at"]), int(facts["asked_s"]))
            numbers = {key: int(facts[key]) for key in ("asked_s", "born_s", "lifetime_s")}
            validators = {str(key): str(value) for key, value in dict(facts["validators"]).items()}
        except (HelioError, KeyError, ValueError, TypeError):  # of another version, or damaged
            return None
        return {**facts, **numbers, "validators": validators}, kept

    @property
    def age_s(self):
        """The age of the copy in seconds, that of caches before us included (RFC 9111 section 4.2.3)."""
        return max(0, int(self._clock()) - self._facts["born_s"]) if self._facts else 0

    @property
    def lifetime_s(self):
        """For how many seconds a copy is good."""
        return self._facts.get("lifetime_s", 0)

    def is_fresh(self):
        # one from the future is none: the clock was wrong, then or now
        return self.digest is not None and 0 <= self._clock() - self._facts["born_s"] < self._facts["lifetime_s"]

    def _is_resting(self):
        return bool(self._failures) and 0 <= self._clock() - self._failed_s < self._rest_s

    @property
    def retry_s(self):
        """In how many seconds we ask again, after a failure."""
        return max(1, int(self._failed_s + self._rest_s - self._clock())) if self._is_resting() else 0

    async def _fetch(self):
        self._wanted_rest_s = 0
        try:
            await self._fetch_once()
            self._failures = 0
        except HelioError:
            doubled_s = RETRY_S * 2 ** min(self._failures, 20)
            self._rest_s = max(self._wanted_rest_s, min(doubled_s, RETRY_MAX_S))
            self._failed_s = self._clock()
            self._failures += 1
            raise

    async def _fetch_once(self):
        validators = self._facts.get("validators") if self.digest else None
        answer = await self._client.get(self._url, (self._facts["at"], validators) if validators else None)
        now_s = int(self._clock())
        if answer.status == 304 and validators:
            self._facts = {**self._facts, **_times(answer.headers, now_s)}
            self.asked_s = now_s
            await self._keep(answer.headers)
        elif answer.status == 200:
            found = await _beside(digest, answer.body, answer.url, now_s)
            self._facts = {
                **_times(answer.headers, now_s),
                "at": answer.url,
                "validators": {ours: answer.headers[name] for name, ours in _VALIDATORS if name in answer.headers},
            }
            self.asked_s = now_s
            self._take(found)
            await self._keep(answer.headers, answer.body)
        else:
            self._wanted_rest_s = freshness.retry_after_s(answer.headers, now_s)
            raise Refused("%s answers %d %s" % (host_of(answer.url), answer.status, answer.reason))

    async def _keep(self, headers, body=None):
        if "no-store" in freshness.directives(headers):
            await _beside(self._store.forget, self._url)
            return
        try:
            await _beside(self._store.save, self._url, self._facts, body)
        except OSError as error:
            self._on_problem("its copy is not kept on disk: %s" % (error.strerror or error))


def _times(headers, now_s):
    return {
        "asked_s": now_s,
        "born_s": now_s - freshness.age_s(headers),
        "lifetime_s": freshness.lifetime_s(headers, now_s),
    }


class FileCopy(Copy):
    """The document in a file, read anew when it has changed."""

    def __init__(self, path, *rest, **options):
        super().__init__(*rest, **options)
        self._path = path
        self._tried = self._read = ()  # what the file looked like then

    retry_s = lifetime_s = 0

    @property
    def age_s(self):
        """How long ago the file was read, where it is not what it was."""
        return max(0, int(self._clock()) - self.asked_s) if self.is_stale else 0

    def is_fresh(self):
        return self.digest is not None and self._look() == self._read

    def _is_resting(self):
        return self.problem is not None and self._look() == self._tried

    def _look(self):
        try:
            found = os.stat(self._path)
        except (OSError, ValueError):
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    async def _fetch(self):
        self._tried = looks = self._look()
        try:
            found = await _beside(self._open)
        except NetworkError:  # it may be readable the next time, without having changed
            self._tried = ()
            raise
        self._read = looks
        self.asked_s = int(self._clock())
        self._take(found)

    def _open(self):
        name = os.path.basename(self._path)
        try:
            # no waiting for the other end of a pipe
            with open(os.open(self._path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise NetworkError("%s is no file" % name)
                body = file.read(UPSTREAM_MAX_BYTES + 1)
        except FileNotFoundError:
            raise NetworkError("there is no file or folder %s" % name) from None
        except (OSError, ValueError) as error:
            raise NetworkError("%s: %s" % (name, getattr(error, "strerror", None) or error)) from None
        if len(body) > UPSTREAM_MAX_BYTES:
            raise Refused("%s has more than %d bytes" % (name, UPSTREAM_MAX_BYTES))
        return digest(body, "", int(self._clock()))


class Folder:
    """The files right in a folder, a Copy each; nothing that is elsewhere, wherever links lead.

    `on_problem` is called with the name of a file, or None for the folder, and each new problem.
    """

    def __init__(self, path, choice, on_problem):
        self._path = path
        self._choice = choice
        self._on_problem = on_problem
        self._copies = {}
        self.problem = None
        self._unheard = set()  # names that are no addresses

    def look(self):
        """`{name: Copy}` of the first of its files, in order; none where it cannot be read, which `problem` says."""
        try:
            names = self._names()
            problem = None
        except OSError as error:
            names = []
            problem = error.strerror or str(error)
        if problem and problem != self.problem:
            self._on_problem(None, problem)
        self.problem = problem
        copies = {name: self.copy(name) for name in names}
        return {name: copy for name, copy in copies.items() if copy}  # the others are gone by now

    def _names(self):
        with os.scandir(self._path) as entries:
            names = sorted([entry.name for entry in entries])
        for name in set(names) - self._unheard:
            if not _is_utf8(name):
                self._unheard.add(name)
                self._on_problem(printable(name), "its name is not UTF-8: nobody can ask for it so")
        found = (name for name in names if self._real(name))
        return list(itertools.islice(found, LISTED_MAX))

    def copy(self, name):
        """The Copy of the file of that name, or None when there is none."""
        path = self._real(name)
        if path is None:
            self._copies.pop(name, None)
            return None
        if name not in self._copies:
            if len(self._copies) >= LISTED_MAX:
                self._copies.pop(next(iter(self._copies)))
            said = functools.partial(self._on_problem, name)
            self._copies[name] = FileCopy(path, self._choice, said)
        return self._copies[name]

    def _real(self, name):
        if name.startswith(".") or "/" in name or os.sep in name or name != os.path.basename(name):
            return None
        if not _is_utf8(name):
            return None
        try:
            folder = os.path.realpath(self._path)
            path = os.path.realpath(os.path.join(folder, name))
            is_here = os.path.commonpath([folder, path]) == folder
            return path if is_here and stat.S_ISREG(os.stat(path).st_mode) else None
        except (OSError, ValueError):  # the latter for a NUL
            return None


def _is_utf8(name):
    try:
        name.encode()
        return True
    except UnicodeEncodeError:
        return False
