"""A tag that was cut, and that the scanner knows once it is whole, leaves nothing behind."""

from helio.xml.scanner import Scanner


def test_the_tag_behind_it_is_read_from_its_beginning():
    document = b"<r><a-long-name>1</a-long-name><a-long-name>2</a-long-name><b>3</b><a-long-name c='>'/></r>"
    unwanted = (None, lambda name: None if name == "a-long-name" else True)
    for wanted in unwanted:
        for cut in range(len(document)):
            scanner = Scanner(wanted)
            names = []
            for piece in (document[:cut], document[cut:]):
                for _ in scanner.feed(piece):
                    names.append(scanner.name)
            scanner.close()
            assert "b" in names and names[-1] == "r", cut
