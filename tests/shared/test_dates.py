"""Dates of feeds, as they should be and as they are; and what is none."""

from helio.dates import seconds

DAY = 86400
NEW_YEAR = 1072915200  # 2004-01-01
EVENING = NEW_YEAR + 71301  # 19:48:21

# what is written: seconds
READ = (
    # RFC 822, 2822, 5322
    ("Thu, 01 Jan 2004 19:48:21 GMT", EVENING),
    ("Thu, 1 Jan 2004 19:48:21 +0000", EVENING),
    ("Thu, 01 Jan 2004 19:48:21 -0000", EVENING),
    ("Thu, 01 Jan 04 19:48:21 UT", EVENING),
    ("01 Jan 2004 19:48:21 Z", EVENING),
    ("Thu, 01 Jan 2004 19:48:21 EST", EVENING + 5 * 3600),
    ("Thu, 01 Jan 2004 19:48:21 edt", EVENING + 4 * 3600),
    ("Thu, 01 Jan 2004 19:48:21 CST", EVENING + 6 * 3600),
    ("Thu, 01 Jan 2004 19:48:21 CDT", EVENING + 5 * 3600),
    ("Thu, 01 Jan 2004 19:48:21 MST", EVENING + 7 * 3600),
    ("Thu, 01 Jan 2004 19:48:21 MDT", EVENING + 6 * 3600),
    ("Thu, 01 Jan 2004 19:48:21 PST", EVENING + 8 * 3600),
    ("Thu, 01 Jan 2004 19:48:21 PDT", EVENING + 7 * 3600),
    ("Thu, 01 Jan 2004 19:48:21 A", EVENING + 3600),
    ("Thu, 01 Jan 2004 19:48:21 M", EVENING + 12 * 3600),
    ("Thu, 01 Jan 2004 19:48:21 N", EVENING - 3600),
    ("Thu, 01 Jan 2004 19:48:21 Y", EVENING - 12 * 3600),
    ("Thu, 01 Jan 2004 19:48:21 B", EVENING),
    ("Thu, 01 Jan 2004 19:48:21 CET", EVENING - 3600),
    ("Thu, 01 Jan 2004 19:48:21 XYZ", EVENING),
    ("Thu, 01 Jan 2004 19:48:21 -0030", EVENING + 1800),
    ("Thu, 01 Jan 2004 19:48:21 +05:45", EVENING - 20700),
    ("Thu, 01 Jan 2004 19:48:21 +530", EVENING - 19800),
    ("Thu, 01 Jan 2004 19:48:21 GMT+1", EVENING - 3600),
    ("Thu, 01 Jan 2004 19:48:21 GMT-05:00", EVENING + 5 * 3600),
    ("Thu, 01 Jan 2004 19:48:21 UTC +0200", EVENING - 7200),
    ("Thu, 01 Jan 2004 19:48:21 -0800 (PST)", EVENING + 8 * 3600),
    ("Thu, 01 Jan 2004 19:48:21 Etc/GMT", EVENING),
    # what people make of them
    ("Thu, 01 Jan 2004 19:48:21", EVENING),
    ("Thu, 01 Jan 2004 19:48 GMT", EVENING - 21),
    ("Thu, 01 Jan 2004 19 GMT", EVENING - 2901),
    ("Thu, 01 Jan 2004", NEW_YEAR),
    ("1 January 2004", NEW_YEAR),
    ("Fri, 01 Jan 2004 19:48:21 GMT", EVENING),
    ("Thursday, 01 Jan 2004 19:48:21 GMT", EVENING),
    ("Thu. 01 Jan. 2004 19:48:21 GMT", EVENING),
    ("jeu., 01 Jan 2004 19:48:21 GMT", EVENING),
    ("木、 01 Jan 2004 19:48:21 GMT", EVENING),
    ("mar, 01 Jan 2004 19:48:21 GMT", EVENING),
    ("Thu,01 Jan 2004 19:48:21 GMT", EVENING),
    ("Thu, 01 Jan, 2004 19:48:21 GMT", EVENING),
    ("\t Thu,\xa001\n Jan  2004 19:48:21 GMT \r\n", EVENING),
    ("01-Jan-2004", NEW_YEAR),
    ("Thursday, 01-Jan-04 19:48:21 GMT", EVENING),
    ("01-Jan-2004 19:48:21-0500", EVENING + 5 * 3600),
    ("2004-Jan-01", NEW_YEAR),
    ("01/Jan/2004", NEW_YEAR),
    ("Jan 1, 2004", NEW_YEAR),
    ("January 1st, 2004 7:48:21 PM", EVENING),
    ("Jan 1, 2004 12:30 am", NEW_YEAR + 1800),
    ("Jan 1, 2004 12:30 p.m. EST", NEW_YEAR + 45000 + 5 * 3600),
    ("Jan 1, 2004 at 19:48", EVENING - 21),
    ("Jan 2004", NEW_YEAR),
    ("1 Jan 104", NEW_YEAR),
    ("1 Jan 70", 0),
    ("1 Jan 49", 2493072000),
    ("31 Dec 2003 24:00", NEW_YEAR),
    # asctime
    ("Thu Jan  1 19:48:21 2004", EVENING),
    ("Thu Jan  1 19:48:21 PST 2004", EVENING + 8 * 3600),
    ("Thu Jan  1 19:48:21 +0100 2004", EVENING - 3600),
    # W3CDTF, RFC 3339, ISO 8601
    ("2004", NEW_YEAR),
    ("2004-01", NEW_YEAR),
    ("2004-01-01", NEW_YEAR),
    ("2004-1-1", NEW_YEAR),
    ("2004-01-01T19:48:21Z", EVENING),
    ("2004-01-01t19:48:21z", EVENING),
    ("2004-01-01 19:48:21", EVENING),
    ("2004-01-01T19:48Z", EVENING - 21),
    ("2004-01-01T19Z", EVENING - 2901),
    ("2004-01-01T19:48:21.999Z", EVENING),
    ("2004-01-01T19:48:21,999+01:00", EVENING - 3600),
    ("2004-01-01T19:48:21+0130", EVENING - 5400),
    ("2004-01-01T19:48:21-08", EVENING + 8 * 3600),
    ("2004-01-01T19:48:21 -08:00", EVENING + 8 * 3600),
    ("2004-01-01T19:48:21EST", EVENING + 5 * 3600),
    ("20040101", NEW_YEAR),
    ("20040101T194821Z", EVENING),
    ("20040101T1948", EVENING - 21),
    ("040101", NEW_YEAR),
    ("04-01-01", NEW_YEAR),
    ("2004-001", NEW_YEAR),
    ("2004366", NEW_YEAR + 365 * DAY),
    ("2003-12-31T24:00:00Z", NEW_YEAR),
    ("2003-12-31T23:59:60Z", NEW_YEAR),
    ("2004/01/01 19:48:21 EST", EVENING + 5 * 3600),
    ("2004-02-29", NEW_YEAR + 59 * DAY),
    ("2000-02-29", 951782400),
    ("1970-01-01T00:00:00Z", 0),
    ("1969-12-31T23:59:59Z", -1),
    ("0001-01-01", -62135596800),
    ("9999-12-31T23:59:59Z", 253402300799),
)

NONE = (
    "",
    " \t\r\n\xa0",
    "hello",
    "today",
    "Jan",
    "1 Jan",
    "Thu",
    "12:00",
    ":",
    "+",
    "-0100",
    "--12",
    "0000-01-01",
    "2004-13-01",
    "2004-00-01",
    "2004-01-32",
    "2003-02-29",
    "1900-02-29",
    "2004-000",
    "2004-367",
    "2003-366",
    "31 Jun 2004",
    "0 Jan 2004",
    "1 Jan 20044",
    "1 Jan 2004 24:00:01",
    "1 Jan 2004 12:60",
    "1 Jan 2004 12:00:61",
    "1 Jan 2004 12::00",
    "01-02-2004",  # which of both is the month?
    "1072986501",
    "٢٠٠٤-٠١-٠١",
    "²004-01-01",
    "1 Jan 200४",
)


def test_dates_are_read():
    for text, expected in READ:
        assert seconds(text) == expected, (text, seconds(text), expected)


def test_what_is_no_date_is_none():
    for text in NONE:
        assert seconds(text) is None, (text, seconds(text))


def test_every_day_follows_the_day_before():
    before = seconds("1895-12-31")
    for year in range(1896, 1910):
        for day in range(1, 367 if year % 4 == 0 and year != 1900 else 366):
            assert seconds("%d-%03d" % (year, day)) == before + DAY
            before += DAY


def test_nothing_raises():
    texts = [text for text, _ in READ] + list(NONE)
    parts = (":", "-", "+", "T", "Z", " ", ".", ",", "(", "0", "99999999999999999999", "jan", "\x00", "é", "٣", "😀")
    for text in texts:
        for i in range(0, len(text) + 1, 3):
            for part in parts:
                seconds(text[:i] + part + text[i:])
                seconds(text[:i] + part)
                seconds(part + text[i:])
    for part in parts:
        seconds(part * 3)
        assert seconds(part * 1000) is None
    assert seconds("1 Jan 2004" + " " * 1000) == NEW_YEAR
