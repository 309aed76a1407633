"""Dates as feeds have them: RFC 822 and its heirs, asctime, W3CDTF, RFC 3339, ISO 8601, and what
people make of these. By arithmetic, for a board's clock begins in 2000 and has no calendar."""

from helio.reading_limits import DATE_MAX

_DIGITS = "0123456789"
_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
# Hours east of UTC. RFC 822 section 5.1, of its single letters those it spells out, and what feeds
# write beside these. A zone that is not here counts as UTC (RFC 5322 section 4.3).
_ZONES = (
    " ut=+00 gmt=+00 utc=+00 z=+00 est=-05 edt=-04 et=-05 cst=-06 cdt=-05 ct=-06 mst=-07 mdt=-06 mt=-07"
    " pst=-08 pdt=-07 pt=-08 ast=-04 adt=-03 at=-04 a=-01 m=-12 n=+01 y=+12 met=+01 mest=+02 bst=+01"
    " west=+01 cet=+01 cest=+02 eet=+02 eest=+03 msk=+03 jst=+09"
)


def seconds(text):
    """The seconds from 1970-01-01 UTC to the date that `text` is, or None when it is none.

    What is not said is the first there is: of a year its 1st of January, of a day its midnight,
    of zones UTC. Parts of seconds are left out. Whatever follows a date and its zone is not read.
    """
    numbers = []  # of the date, as they are written
    month = 0  # when it has a name
    clock = zone = None
    for word in _words(text):
        first = word[0]
        if first == ":":
            if clock is None:
                clock = _span(word[1:])
                if clock is None or clock > 86400:  # 24:00 and 23:59:60 are the next day
                    return None
        elif first in "+-":  # what a number says goes before what a name says
            zone = _offset(word)
        elif _is_number(word):
            numbers.append(word)
        elif len(numbers) < 2 and _month(word):  # the last: French Tuesdays begin with `mar` too
            month = _month(word)
        elif clock is not None:
            if word == "pm" and clock < 43200:
                clock += 43200
            elif word == "am" and 43200 <= clock < 46800:
                clock -= 43200
            elif zone is None:
                zone = _zone(word)
    if clock is None:
        clock = _span(numbers.pop()) if len(numbers) == (3 if month else 4) else 0
    days = _named(numbers, month) if month else _numbered(numbers)
    return None if days is None or clock is None else days * 86400 + clock - (zone or 0)


def _words(text):
    """The words of a date, in lower case and never empty: dates split at their dashes, a time with
    `:` before it, what stands right behind it apart."""
    text = text.strip()[:DATE_MAX].lower().replace("/", "-").replace("\xa0", " ")
    before, colon, after = text.partition(":")
    text = before.replace(",", " ") + colon + after.replace(",", ".")  # ISO 8601's other decimal point
    for word in text.replace("(", " ").replace(")", " ").replace(";", " ").split():
        if word[0] in _DIGITS or _month(word):
            if word[0] not in _DIGITS or not 0 < word.find(":") < 6:  # the latest is 10+05:00
                date, _, time = word.partition("t")
                if not time or time[0] not in _DIGITS:
                    date, time = word, ""
                for part in date.partition("+")[0].split("-"):
                    # 1st, 2nd, 3rd, 4th, Jan., 2004-01-01Z
                    number = part.rstrip("stndrhz.")
                    if number and (_is_number(number) or _month(part)):
                        yield number if _is_number(number) else part
                word = time
            rest = word.lstrip("0123456789:.")
            if word:
                yield ":" + word[: len(word) - len(rest)]
            word = rest
        elif word[0] not in "+-":
            word = word.replace(".", "")
        if word:
            yield word


def _is_number(word):
    return word != "" and not word.strip(_DIGITS)


def _month(word):
    """The month whose English name `word` begins like, 1 to 12, or 0."""
    at = _MONTHS.find(word[:3])
    return 0 if len(word) < 3 or at < 0 or at % 3 else at // 3 + 1


def _span(text):
    """The seconds in `h`, `hh:mm`, `hh:mm:ss.s`, `hhmm`, `hhmmss`, or None."""
    text = text.partition(".")[0]
    if ":" in text:
        parts = text.split(":")
    else:
        text = "0" * (len(text) % 2) + text
        parts = [text[i : i + 2] for i in range(0, len(text), 2)]
    if not 0 < len(parts) < 4:
        return None
    total = 0
    for i in range(3):
        part = parts[i] if i < len(parts) else "0"
        if not _is_number(part) or len(part) > 2 or int(part) > (99, 59, 60)[i]:
            return None
        total = total * 60 + int(part)
    return total


def _offset(word):
    """The seconds east of UTC that `+0100` or `-5:30` is, or None."""
    span = _span(word[1:])
    return -span if span and word[0] == "-" else span


def _zone(word):
    """The seconds east of UTC that `est` or `gmt+1` is, or None."""
    for sign in "+-":
        name, found, span = word.partition(sign)
        if found:
            return _offset(sign + span) if name in ("gmt", "utc", "ut") else None
    at = _ZONES.find(" " + word + "=")
    if at < 0:
        return None
    at += len(word) + 2
    return int(_ZONES[at : at + 3]) * 3600


def _named(numbers, month):
    """The days from 1970 to a date whose month has a name, or None."""
    if not numbers:
        return None
    if len(numbers[0]) > 2:  # the year, first or alone
        return _days(numbers[0], month, int(numbers[1]) if len(numbers) > 1 else 1)
    return _days(numbers[1], month, int(numbers[0])) if len(numbers) > 1 else None


def _numbered(numbers):
    """The days from 1970 to an ISO 8601 date, with dashes or without, or None."""
    if not numbers:
        return None
    year = numbers[0]
    size = len(year)
    if 6 <= size <= 8:
        cut = 2 if size == 6 else 4
        numbers = [year[:cut], year[cut:]] if size == 7 else [year[:cut], year[cut : cut + 2], year[cut + 2 :]]
    elif size != 4 and not (size == 2 and [len(number) for number in numbers] == [2, 2, 2]):
        return None
    if len(numbers) == 2 and len(numbers[1]) == 3:  # the day of the year
        day = int(numbers[1])
        first = _days(numbers[0], 1, 1)
        last = _days(numbers[0], 12, 31)
        return first + day - 1 if first is not None and 0 < day <= last - first + 1 else None
    month = int(numbers[1]) if len(numbers) > 1 else 1
    return _days(numbers[0], month, int(numbers[2]) if len(numbers) > 2 else 1)


def _days(digits, month, day):
    """The days from 1970-01-01, or None where there is no such day. `digits` is the year; of two
    or three they mean what RFC 5322 section 4.3 says."""
    year = int(digits)
    if len(digits) < 4:
        year += 2000 if len(digits) < 3 and year < 50 else 1900
    if not (0 < year < 10000 and 0 < month < 13):
        return None
    first = _first(year, month)
    return first + day - 1 if 0 < day <= _first(year + month // 12, month % 12 + 1) - first else None


def _first(year, month):
    """The days from 1970-01-01 to the first of a month; years counted from March, so that leap
    days come last."""
    month = (month + 9) % 12
    year -= month // 10
    return 365 * year + year // 4 - year // 100 + year // 400 + (306 * month + 5) // 10 - 719468
