"""The time from the network: what is asked, what is taken for an answer, and what is not."""

from helio import sntp

NONCE = b"12345678"
AT_S = 1795600800


def answer(since_1900_s=AT_S + 2208988800, nonce=NONCE, first=0x24, stratum=2):
    return (
        bytes([first, stratum])
        + bytes(22)
        + nonce
        + bytes(8)
        + (since_1900_s & 0xFFFFFFFF).to_bytes(4, "big")
        + bytes(4)
    )


def test_the_question_is_that_of_a_client():
    data = sntp.request(NONCE)
    assert len(data) == 48 and data[0] == 0x23 and data[40:] == NONCE and not data[1:40].strip(b"\0")


def test_the_answer_is_in_seconds_since_1970():
    assert sntp.read(answer(), NONCE) == AT_S
    assert sntp.read(answer() + b"a key and its digest", NONCE) == AT_S


def test_the_count_that_begins_anew_in_2036_goes_on():
    for seconds in (0xFFFFFFFF, 0x100000000, 0x100000005, 0x17FFFFFFF):
        assert sntp.read(answer(seconds), NONCE) == seconds - 2208988800


def test_what_is_no_answer_is_none():
    for data in (
        b"",
        answer()[:47],
        answer(nonce=b"87654321"),
        answer(first=0x23),  # from a client
        answer(first=0xE4),  # its clock is not set
        answer(stratum=0),  # the kiss of death
        answer(stratum=16),
    ):
        assert sntp.read(data, NONCE) is None
