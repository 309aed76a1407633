"""Dates, HTML and names against the standard library's and feedparser's."""

import calendar
import email.utils
import html
import time
from datetime import datetime, timedelta, timezone
from html.entities import name2codepoint

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helio.dates import seconds
from helio.entities import named
from helio.html import plain
from helio.reading_limits import HTML_MAX

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MINUTES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
SECONDS = st.integers(-86399, 86399).map(lambda count: timezone(timedelta(seconds=count)))
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def times(zones):
    return st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=zones)


def since_1970(moment):
    return (moment - EPOCH) // timedelta(seconds=1)


@given(times(MINUTES))
def test_email_dates(moment):
    moment = moment.replace(microsecond=0)
    if moment.year >= 1000:  # RFC 5322 has years of four digits
        assert seconds(email.utils.format_datetime(moment)) == since_1970(moment)


@given(times(SECONDS), st.sampled_from("T "), st.sampled_from(["hours", "minutes", "seconds", "microseconds"]))
def test_iso_dates(moment, separator, timespec):
    smaller = {"hours": {"minute": 0, "second": 0}, "minutes": {"second": 0}}.get(timespec, {})
    moment = moment.replace(microsecond=0, **smaller)
    assert seconds(moment.isoformat(separator, timespec)) == since_1970(moment)


@given(times(st.just(timezone.utc)))
def test_other_forms_of_a_day(moment):
    day = since_1970(moment.replace(hour=0, minute=0, second=0, microsecond=0))
    year, month = "%04d" % moment.year, MONTHS[moment.month - 1]
    ordinal = moment.timetuple().tm_yday
    assert seconds("%s-%03d" % (year, ordinal)) == seconds("%s%03d" % (year, ordinal)) == day
    assert seconds("%s%02d%02d" % (year, moment.month, moment.day)) == day
    for form in ("%d-%s-%s" % (moment.day, month, year), "%s %d, %s" % (month, moment.day, year)):
        assert seconds(form) == day
    clock = (moment.hour, moment.minute, moment.second)
    asctime = "Mon %s %2d %02d:%02d:%02d %s" % (month, moment.day, *clock, year)
    assert seconds(asctime) == since_1970(moment.replace(microsecond=0))


@given(st.text() | st.text("0123456789TZtz:+-./, JanFebMrpm()gGMEST", max_size=60))
def test_any_text_is_a_number_or_none(text):
    assert seconds(text) is None or isinstance(seconds(text), int)


# --- feedparser

SAME = """
Thu, 01 Jan 2004 19:48:21 GMT
Thu, 01 Jan 2004 19:48:21 +0530
Thu, 01 Jan 2004 19:48:21 -05:30
Thu, 01 Jan 2004 19:48:21 -0030
Thursday, 1 January 2004 19:48 EST
Thu, January 1 2004 19:48:21 GMT
1 Jan 04 19:48 PDT
1 Jan 49 19:48 PDT
1 Jan 95 19:48 PDT
Thu, 01 Jan 2004 19:48:21 A
Thu, 01 Jan 2004 19:48:21 B
Thu, 01 Jan 2004 19:48:21 N
Thu, 01 Jan 2004 19:48:21 Y
Thu, 01 Jan 2004 19:48:21 AST
Thu, 01 Jan 2004 19:48:21 MEST
Thu, 01 Jan 2004 19:48:21 UTC
Thu, 01 Jan 2004 19:48:21 XYZ
Thu, 01 Jan 2004 19:48:21 -0800 (PST)
Wed, 19 Aug 2009 18:28:00 Etc/GMT
Sun, 19 Feb 2012 22:40:00 GMT-01:01
Thu, 5 Aug 2012 04 GMT
01 Jan 2004
Thu, 01 Jan 2004
Thu Jan  1 19:48:21 2004
Thu Jan  1 19:48:21 PST 2004
Thu Jan  1 19:48:21 +0100 2004
Fri, 2006/09/15 08:19:53 EDT
2003
2003-12
2003-12-31
2003-1-5
2003-12-31T10:14:55Z
2003-12-31T10:14Z
2003-12-31T10Z
2003-12-31 10
2003-12-31 10:14:55
2003-12-31T10:14:55.123+02:00
2003-12-31T10:14:55-02
2003-12-31 10:14:55 +0200
2003-12-31T23:59:60Z
2003-12-31T24:00:00Z
20031231
2003-335
2003335
03-12-31
031231
0001-01-01
9999-12-31T23:59:59Z
Thu, 31 Jun 2004 19:48:21 GMT
Mon, 29 Feb 1900 00:00:00 GMT
Thu, 01 Jan 2004 25:48:21 GMT
hello
""".strip().split("\n")

# the date, ours, feedparser's (`today` where it takes something from the clock), and why ours
DIFFERENT = (
    ("Thu,01 Jan 2004 19:48:21", "2004-01-01T19:48:21", None, "a comma parts words"),
    ("Thu, 01 Jan 2004 19:48:21", "2004-01-01T19:48:21", None, "no zone is UTC"),
    ("Jan 1, 2004", "2004-01-01T00:00:00", None, "American order"),
    ("01-Jan-2004", "2004-01-01T00:00:00", None, "RFC 850's dashes"),
    ("Thursday, 01-Jan-04 19:48:21 GMT", "2004-01-01T19:48:21", None, "RFC 850"),
    ("mar., 06 Jan 2004 10:00:00 +0100", "2004-01-06T09:00:00", None, "a French Tuesday is not March"),
    ("1st Feb 2004", "2004-02-01T00:00:00", None, "English ordinals"),
    ("Thu, 5 Aug 2012 04", "2012-08-05T04:00:00", None, "an hour needs no zone"),
    ("31 Dec 2003 24:00:00 GMT", "2004-01-01T00:00:00", None, "24:00 is the end of the day, as in ISO 8601"),
    ("Sun, 19 Feb 2012 22:40:00 GMT+1", "2012-02-19T21:40:00", None, "hours alone"),
    ("Sun, 19 Feb 2012 22:40:00 UTC +0200", "2012-02-19T20:40:00", "2012-02-19T22:40:00", "the number counts"),
    ("Sun, 19 Feb 2012 22:40:00 CET", "2012-02-19T21:40:00", "2012-02-19T22:40:00", "CET is not UTC"),
    ("Sun, 19 Feb 2012 22:40:00 +530", "2012-02-19T17:10:00", "2012-02-17T17:40:00", "5:30, not 53 hours"),
    ("Sun, 19 Feb 2012 07:40:00 PM", "2012-02-19T19:40:00", "2012-02-19T07:40:00", "PM is no zone"),
    ("Mon, 01 Feb 104 00:00:00 GMT", "2004-02-01T00:00:00", "0104-02-01T00:00:00", "RFC 5322 section 4.3"),
    ("Thu, 01 Jan 70 00:00:00 GMT", "1970-01-01T00:00:00", "2070-01-01T00:00:00", "RFC 5322 section 4.3"),
    ("93-12-31", "1993-12-31T00:00:00", "2093-12-31T00:00:00", "as of RFC 5322"),
    ("2003-12-31T10:14:55+0230", "2003-12-31T07:44:55", "2003-12-31T08:14:55", "it drops the tens of the minutes"),
    ("2003-12-31T10:14:55,123+02:00", "2003-12-31T08:14:55", "2003-12-31T10:14:55", "ISO 8601's comma"),
    ("2003-12-31 10:14:55 EST", "2003-12-31T15:14:55", "2003-12-31T00:00:00", "it parts EST at its T"),
    ("2003-12-31T10:14:55EST", "2003-12-31T15:14:55", "2003-12-31T10:14:55", "the same"),
    ("20031231T101455Z", "2003-12-31T10:14:55", "2003-12-31T00:00:00", "a time without colons"),
    ("20031231 10:14:55", "2003-12-31T10:14:55", "2003-12-31T00:00:00", "a blank for the T"),
    ("2004-003", "2004-01-03T00:00:00", "2004-03-01T00:00:00", "a day of the year is no month"),
    ("2004 Feb 3", "2004-02-03T00:00:00", "today", "it reads the year and the rest is of today"),
    ("2004-13-01T00:00:00", None, "2005-01-01T00:00:00", "there is no such month"),
    ("2003-02-30T00:00:00", None, "2003-03-02T00:00:00", "there is no such day"),
    ("31-12-2003", None, "2031-12-20T00:00:00", "the year is the last"),
    ("1072986501", None, "today", "not a date: it reads the year 1072"),
    ("--12", None, "today", "it means this year: a board may not know it"),
)


def feedparser_reads(text):
    datetimes = pytest.importorskip("feedparser.datetimes")
    date = datetimes._parse_date(text)
    return None if date is None else calendar.timegm(date)


def iso(count):
    return None if count is None else (EPOCH + timedelta(seconds=count)).isoformat()[:19]


@pytest.mark.parametrize("text", SAME)
def test_feedparser_reads_the_same(text, utc):
    assert iso(seconds(text)) == iso(feedparser_reads(text))


@pytest.mark.parametrize(("text", "ours", "theirs", "why"), DIFFERENT)
def test_what_feedparser_reads_otherwise(text, ours, theirs, why, utc):
    assert iso(seconds(text)) == ours
    if theirs != "today":
        assert iso(feedparser_reads(text)) == theirs


# --- HTML


def test_names():
    assert len(name2codepoint) == 252
    for name, code in name2codepoint.items():
        assert named(name) == chr(code)
        if name not in ("lang", "rang"):  # HTML 5 has other characters for these two
            assert plain("|&%s;|" % name) == html.unescape("|&%s;|" % name).replace("\xa0", " ")


@given(st.text())
def test_other_names_are_none(name):
    assert named(name) == (chr(name2codepoint[name]) if name in name2codepoint else None)


@pytest.mark.parametrize("form", ["|&#%d;|", "|&#x%x;|", "|&#X%X;|", "|&#%d|", "|&#%08d;|"])
def test_numbers(form):
    for code in [*range(0x20, 0x3000), *range(0xD7F0, 0xE010), 0x10FFFD, 0x110000, 0x7FFFFFFF]:
        if 0x7F <= code < 0xA0 and not html.unescape("&#%d;" % code).isprintable():
            assert plain(form % code) == "||"  # control characters are left out
        else:
            assert plain(form % code) == html.unescape(form % code).replace("\xa0", " ")


REFERENCES = ["&amp;", "&lt;", "&eacute;", "&hellip;", "&#233;", "&#x2014;", "&#150;", "&copy ", "&; ", "& ", "a", " "]


@given(st.lists(st.sampled_from(REFERENCES)).map("".join))
def test_references_as_the_standard_library_reads_them(text):
    assert plain(text.replace("&lt;", "&gt;")) == " ".join(html.unescape(text.replace("&lt;", "&gt;")).split())
    assert plain(html.escape(text)) == " ".join(text.split())


@given(
    st.text() | st.lists(st.sampled_from(["<", ">", "<p>", "<!--", "-->", "'", "=", "&", ";", "é", " "])).map("".join),
    st.integers(-1, 50),
)
def test_any_text_is_short_and_clean(text, size_max):
    out = plain(text, size_max)
    assert len(out) <= max(size_max, 0)
    assert out == out.strip(" ") and "  " not in out
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in out)
    out.encode()


def test_long_html_is_cut():
    assert plain("<b>" * HTML_MAX + "x") == ""
    assert plain("a<b>" + " " * HTML_MAX + "x") == "a…"
    assert plain("<!--" + "x" * (HTML_MAX - 10) + "-->ab") == "ab"


@pytest.mark.parametrize(
    "part",
    "<|<a|</|</a|<!|<!--|<a b='|<a b=\"|<a b=' c=\"|<a =|<script>|</script|<script></|<a b= |&|&#1|&a|<p>| |x".split(
        "|"
    ),
)
def test_four_times_the_html_takes_four_times_as_long(part, monkeypatch):
    monkeypatch.setattr("helio.html.HTML_MAX", 1 << 20)

    def cost(size):
        text = part * (size // len(part))
        costs = []
        for _ in range(3):
            start = time.process_time()
            plain(text, 1 << 20)
            costs.append(time.process_time() - start)
        return min(costs)

    assert cost(1 << 19) < 12 * cost(1 << 17) + 0.05  # were it quadratic, 16 times and seconds
