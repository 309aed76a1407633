"""Documents, trees, paths and edits as ElementTree has them."""

import io
import json
import random
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from on_micropython import read_on_micropython
from xml_documents import PLACES, SEEDS, cut, documents, dump, mutated, read
from xml_events import events

from helio.errors import UsageError
from helio.xml import tree
from helio.xml.scanner import Scanner

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT.parent / "shared/data").glob("*/*"))
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


class InPieces(Scanner):
    """A scanner that gets what it is fed in pieces."""

    def __init__(self, places):
        super().__init__()
        self.places = places

    def feed(self, data):
        for piece in cut(data, self.places):
            yield from super().feed(piece)


class Pieces:
    """A file that is read in pieces, whatever size is asked for."""

    def __init__(self, data, places):
        self._pieces = [piece for piece in cut(data, places) if piece]

    def read(self, size=-1):
        return self._pieces.pop(0) if self._pieces else b""


# --- documents


@SLOW
@given(documents(), PLACES)
def test_trees_are_the_same(data, places):
    tree_of_data = dump(ElementTree.fromstring(data))
    assert dump(tree.fromstring(data)) == tree_of_data
    assert dump(tree.parse(Pieces(data, places)).getroot()) == tree_of_data
    ours = tree.iterparse(Pieces(data, places), ("start", "end"))
    theirs = ElementTree.iterparse(io.BytesIO(data), ("start", "end"))
    assert [(event, element.tag) for event, element in ours] == [(event, element.tag) for event, element in theirs]


@SLOW
@given(documents(), PLACES)
def test_pieces_make_no_difference(data, places):
    whole = events(data)
    assert whole[0][0] == "start" and whole[-1] == ("end", whole[0][1])
    assert events(data, 1) == events(data, scanner=InPieces(places)) == whole


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_real_documents(path):
    data = path.read_bytes()
    tree_of_data = read(ElementTree, data)
    assert read(tree, data) == tree_of_data
    whole = events(data)
    assert isinstance(whole[-1], str) == (tree_of_data is None)
    for seed in range(3):
        chance = random.Random(seed)
        places = [chance.randrange(len(data)) for _ in range(chance.randrange(1, 300))]
        assert events(data, scanner=InPieces(places)) == whole
    if len(data) < 50000:
        assert events(data, 1) == whole


def test_micropython_has_the_same_trees(tmp_path):
    made_up = []

    @settings(SLOW, max_examples=60, derandomize=True, database=None, phases=[Phase.generate])
    @given(documents())
    def make(data):
        made_up.append(data)

    make()
    chance = random.Random(1)
    made_up += [mutated(chance.choice(SEEDS), chance) for _ in range(60)]
    made_up += [path.read_bytes() for path in FILES]
    for found, data in zip(read_on_micropython("read_xml.py", made_up, tmp_path), made_up, strict=True):
        assert found == read(tree, data), data


# --- paths

PLACE = (
    "<a xmlns:p='u'><b x='1'>t<c/><b>t</b>s</b><p:b p:x='1'><c>t</c><c y='2'>u</c></p:b>"
    "<c x='1'/><b/><p:c>t<a/></p:c></a>"
)
TAGS = st.sampled_from(["a", "b", "c", "*", "p:b", "p:*", "{u}b", "{u}*", "{*}b", "{}b", "{}*", "{*}*"])
VALUES = st.sampled_from(["''", "'t'", '"t"', "'u'", '"1"', "'2'", "'ts'", "'ttts'"])
EQUALS = st.sampled_from(["=", "!=", " = ", "!= "])
OF_CONTENT = (
    st.sampled_from(["[@x]", "[@y]", "[@{u}x]", "[b]", "[c]", "[{u}b]", "[p:b]", "[*]", "[ @x ]"])
    | st.builds("[@{}{}{}]".format, st.sampled_from(["x", "y", "{u}x"]), EQUALS, VALUES)
    | st.builds("[{}{}{}]".format, st.sampled_from(["b", "c", "{u}b", "p:b", "."]), EQUALS, VALUES)
)
OF_PLACE = st.sampled_from(["[1]", "[2]", "[3]", "[last()]", "[last()-1]", "[last()-2]"])


def paths(predicates):
    steps = st.builds(
        lambda step, behind: step + "".join(behind),
        TAGS | st.sampled_from([".", ".."]),
        st.lists(predicates, max_size=2),
    )
    return st.builds(
        lambda first, steps, last: first + "".join(steps) + last,
        st.sampled_from(["", "", "./", ".//", "*/../", ".//c/../"]),
        st.lists(st.builds(str.__add__, steps, st.sampled_from(["/", "/", "//"])), max_size=3),
        steps | st.just("*/"),
    )


WITHOUT_DEFAULT = st.sampled_from([{"p": "u"}, {"p": "u", "q": "v"}])
WITH_DEFAULT = st.sampled_from([{"p": "u", "": "u"}, {"p": "", "": "v"}, {"p": "u", "": ""}])
JUNK = "a b [ ] @ x = != ' ' 't' / // . .. * ( ) last() 1 -1 0 { } {u} {*} : p:".split(" ")

# a path, its namespaces, what we find in PLACE, what ElementTree finds (None where one raises), and why ours
PATHS_DIFFERENT = (
    ("b[1]", {"": "u"}, [4], [], "a position has no namespace, not even the default one"),
    ("*[last()]", {"": "u"}, [4, 7, 8, 9], None, "and last is a function, no name in it"),
    (" c ", None, [7], [], "blanks around a path mean nothing, as inside one"),
    ("", {"p": "u"}, [0], None, "an empty path is the element"),
    ("q:b", None, None, [], "ElementTree does not look for prefixes in a path of one name"),
    (")", None, None, [], "nor whether it is a name"),
    ("*.", None, None, [1, 4, 7, 8, 9], "steps are parted by /"),
    ("**", None, None, [2, 3, 5, 6, 10], "the same"),
    ("z[q:b]", None, [], None, "a prefix in brackets is looked up when an element gets there"),
)


def found(library, path, namespaces):
    """Where in PLACE the elements are that a path leads to, or None where it is an error."""
    root = library.fromstring(PLACE)
    places = {id(element): place for place, element in enumerate(root.iter())}
    try:
        elements = root.findall(path, namespaces)
    except (SyntaxError, KeyError, TypeError, UsageError):
        return None
    first = root.find(path, namespaces)
    assert first is (elements[0] if elements else None)
    assert root.findtext(path, "none", namespaces) == ((first.text or "") if elements else "none")
    return [places[id(element)] for element in elements]


@settings(SLOW, max_examples=500)
@given(
    st.tuples(paths(OF_CONTENT | OF_PLACE), WITHOUT_DEFAULT) | st.tuples(paths(OF_CONTENT), WITH_DEFAULT),
)
def test_paths_lead_to_the_same_elements(case):
    assert found(tree, *case) == found(ElementTree, *case)


@pytest.mark.parametrize(("path", "namespaces", "ours", "theirs", "why"), PATHS_DIFFERENT)
def test_paths_that_elementtree_has_otherwise(path, namespaces, ours, theirs, why):
    assert found(tree, path, namespaces) == ours
    assert found(ElementTree, path, namespaces) == theirs


@SLOW
@given(st.lists(st.sampled_from(JUNK), max_size=8).map("".join))
def test_what_elementtree_refuses_as_a_path_we_do(path):
    theirs = found(ElementTree, path, {"p": "u"})
    if theirs is None and path.strip() and ":" not in path and "{" not in path:
        assert found(tree, path, {"p": "u"}) is None
    else:
        found(tree, path, {"p": "u"})  # elements or a UsageError, and nothing else


@SLOW
@given(documents(), st.sampled_from([None, "*", "a", "b", "{u}a", "item", ""]))
def test_iter_and_itertext(data, tag):
    ours, theirs = tree.fromstring(data), ElementTree.fromstring(data)
    assert [element.tag for element in ours.iter(tag)] == [element.tag for element in theirs.iter(tag)]
    assert "".join(ours.itertext()) == "".join(theirs.itertext())


# --- edits and writing

TEXTS = st.none() | st.text("ab <>&'\"\n\t\ré日😀]", max_size=5)
KEYS = st.sampled_from(["a", "x", "é", "{u}a", "{u}b", "{urn:v}a", "{http://www.w3.org/XML/1998/namespace}lang"])
EDITS = st.lists(
    st.tuples(
        st.sampled_from(
            "append insert remove move clear set subelement text tail delete replace slice extend keep".split()
        ),
        st.integers(0, 1000),
        st.integers(-4, 4),
        KEYS,
        TEXTS,
    ),
    max_size=12,
)
WRITINGS = (
    {},
    {"encoding": "unicode"},
    {"encoding": "utf-8"},
    {"encoding": "utf-8", "xml_declaration": True},
    {"encoding": "iso-8859-1"},
    {"encoding": "us-ascii", "xml_declaration": True},
    {"short_empty_elements": False},
    {"method": "text", "encoding": "unicode"},
    {"method": "text", "encoding": "utf-8"},
)


def edited(library, data, edits):
    """The tree after `edits`, and what each raised or gave."""
    root = library.fromstring(data)
    said = []
    for edit in edits:
        try:
            said.append(edit_one(library, root, *edit))
        except (IndexError, ValueError) as error:
            said.append(type(error))
    return root, said


def edit_one(library, root, how, which, index, key, text):
    elements = list(root.iter())
    element = elements[which % len(elements)]
    new = library.Element(key, {key: text or ""})
    new.tail = text
    if how == "append":
        element.append(new)
    elif how == "insert":
        element.insert(index, new)
    elif how == "remove":
        element.remove(element[index])
    elif how == "move":
        child = element[index]
        element.remove(child)
        element.append(child)
    elif how == "clear":
        element.clear()
    elif how == "set":
        element.set(key, text or "")
        return element.get(key), element.get("none"), element.get("none", 1), list(element.keys())
    elif how == "subelement":
        library.SubElement(element, key, {"a": "1"}, b=text or "").text = text
    elif how == "text":
        element.text = text
    elif how == "tail":
        element.tail = text
    elif how == "delete":
        del element[index]
    elif how == "replace":
        element[index] = new
    elif how == "slice":
        return [child.tag for child in element[index:]], len(element)
    elif how == "extend":
        element.extend([new, library.Element("z")])
    else:
        element.remove(new)  # which is no child


@settings(SLOW, max_examples=300)
@given(documents(), EDITS)
def test_edits_and_what_is_written(data, edits):
    ours, said = edited(tree, data, edits)
    theirs, expected = edited(ElementTree, data, edits)
    assert said == expected
    assert dump(ours) == dump(theirs)
    for options in WRITINGS:
        assert tree.tostring(ours, **options) == ElementTree.tostring(theirs, **options), options
    ours, theirs = tree.ElementTree(ours), ElementTree.ElementTree(theirs)
    files = io.BytesIO(), io.BytesIO()
    ours.write(files[0], encoding="utf-8", xml_declaration=True)
    theirs.write(files[1], encoding="utf-8", xml_declaration=True)
    assert files[0].getvalue() == files[1].getvalue()


@SLOW
@given(documents(), st.sampled_from(["us-ascii", "utf-8", "iso-8859-1", "unicode"]))
def test_what_is_written_is_read_again(data, encoding):
    root = tree.fromstring(data)
    for element in root.iter():  # written as it is, a carriage return is read as the end of a line
        element.text = element.text and element.text.replace("\r", "")
        element.tail = element.tail and element.tail.replace("\r", "")
    if encoding not in ("utf-8", "unicode"):  # there names become references too, as in ElementTree
        assume("&#" not in re.sub('"[^"]*"|>[^<]*<', "", tree.tostring(root, encoding).decode("latin-1")))
    before = json.dumps(dump(root)).replace('""', "null")
    assert json.dumps(dump(tree.fromstring(tree.tostring(root, encoding)))).replace('""', "null") == before
