"""`helio serve` as curl asks it, and its small feeds as feedparser reads them."""

import calendar
import shutil
import subprocess
from pathlib import Path

import pytest
from web_upstream import Serving

from conftest import missing
from helio.errors import HelioError
from helio.feed import FIELDS
from helio.html import plain
from helio_host.serving.documents import Choice, digest
from helio_host.serving.limits import BYTES_MAX

ROOT = Path(__file__).parents[2]
NEWS = ROOT / "tests/examples/news.xml"
FEEDS = sorted((ROOT.parent / "shared/data/feeds").glob("*"))
BROKEN = {  # and why
    "ITunesWithSingleQuotedAttributes.xml": "</itunes:category> was expected",
    "unrecognized.rss": "this is no feed",
    "uolNoticias.rss": "bytes that are not UTF-8",
}
FILES = [NEWS, *[path for path in FEEDS if path.name not in BROKEN]]


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """Of a feed that is served."""
    if not shutil.which("curl"):
        missing("curl")
    with Serving("news=%s" % NEWS, cache=tmp_path_factory.mktemp("cache"), address="127.51.3.1") as serve:
        yield serve.url + "feeds/news"


def curl(*words):
    """What `curl WORDS` prints, and its status."""
    run = subprocess.run(["curl", "-sS", "--noproxy", "*", *map(str, words)], capture_output=True, timeout=40)
    return run.stdout, run.returncode


def test_a_conditional_request(url, tmp_path):
    etag, body = tmp_path / "etag", tmp_path / "body"
    words = ["--etag-save", etag, "--etag-compare", etag, "-o", body, "-w", "%{http_code} %{size_download}", url]
    first, status = curl(*words)
    assert status == 0 and first == b"200 %d" % len(body.read_bytes())
    assert curl(*words) == (b"304 0", 0)


def test_head(url):
    head, status = curl("-I", url)
    assert status == 0 and head.startswith(b"HTTP/1.1 200 ") and b"\r\nAccept-Ranges: none\r\n" in head
    assert b"\r\nContent-Length: %d\r\n" % len(curl(url)[0]) in head


def test_a_range_is_the_whole(url, tmp_path):
    whole = curl(url)[0]
    assert curl("-r", "10-20", "-w", "%{http_code}", url) == (whole + b"200", 0)
    (tmp_path / "part").write_bytes(whole[:100])
    assert curl("-C", "-", "-o", tmp_path / "part", url)[1] == 33  # "HTTP server doesn't seem to support byte ranges"
    assert (tmp_path / "part").read_bytes() == whole[:100]


def test_packed_and_old_http(url):
    whole = curl(url)[0]
    assert curl("--compressed", url) == curl("--http1.0", url) == (whole, 0)


def test_what_climbs(url):
    base = url.removesuffix("/feeds/news")
    for path in ("/feeds/../../etc/passwd", "/feeds/%2e%2e/%2e%2e/etc/passwd", "/feeds/..%2fnews", "/../feeds/x"):
        assert curl("--path-as-is", "-o", "/dev/null", "-w", "%{http_code}", base + path) == (b"404", 0)


@pytest.mark.usefixtures("utc")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_feedparser_reads_the_same_in_the_small_feed_as_in_its_source(path):
    feedparser = pytest.importorskip("feedparser")
    data = path.read_bytes()
    found = digest(data)
    source = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
    usual = feedparser.parse(found.small(Choice()))
    all_fields = feedparser.parse(found.small(Choice(50, FIELDS, BYTES_MAX)))
    for small in (usual, all_fields):
        assert not small.bozo and small.version == "rss20", small.get("bozo_exception")
        assert plain(small.feed.title)[:40] == plain(source.feed.get("title", ""), 200)[:40]
        for one in small.entries:
            assert any(agree(one, entry) for entry in source.entries), one
    assert len(usual.entries) <= 5


@pytest.mark.parametrize("path", [path for path in FEEDS if path.name in BROKEN], ids=lambda path: path.name)
def test_a_broken_document_is_refused_and_says_why(path):
    with pytest.raises(HelioError, match=BROKEN[path.name]):
        digest(path.read_bytes())


def agree(one, entry):
    """Whether an entry of a small feed says what one of its source does; both as feedparser has them."""
    date = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    return (
        plain(one.get("title", "")) == plain(dict.get(entry, "title") or "", 200)
        and ("link" not in one or one.link == dict.get(entry, "link"))
        and plain(dict.get(entry, "summary") or "").startswith(plain(one.get("summary", "")).rstrip("…"))
        and (not date or calendar.timegm(one.published_parsed) == calendar.timegm(date))
    )
