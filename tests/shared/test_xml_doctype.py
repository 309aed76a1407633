"""The document type declaration of XML 1.0 (fifth edition), stepped over: whole, cut anywhere,
and refused where a production is not kept."""

from helio.xml.declarations import MODEL_MAX_DEPTH
from helio.xml.doctype import DECLARATION_MAX_BYTES, Doctype
from helio.xml.productions import is_character, is_name, is_nmtoken

# what stands behind `<!DOCTYPE`, and whether it may declare entities
HEADS = (
    (" a>", False),
    ("\ta\r\n>", False),
    (" a[]>", False),
    (" a [ \t\r\n] >", False),
    (" é:ж.-7>", False),
    (" a SYSTEM 'it \"is\" [>]'>", True),
    (' a SYSTEM "" [] >', True),
    (" a PUBLIC '-//W3C//DTD XHTML 1.0//EN'\n\"b'.dtd\">", True),
    (" a\nPUBLIC \"aZ09 \r\n-'()+,./:=?;!*#@$_%\" ''[]>", True),
)

# parts of an internal subset, and whether they may declare entities
SUBSETS = (
    ("", False),
    ("<!-- a - b > ' \" <!ELEMENT %x; &-->", False),
    ("<!----><!--->--><!-- -->", False),
    ("<?a?><?a ?><?a ? > '\" ]> <!-- -- ??><?xml-style x?><?é\tx?>", False),
    ("<!ELEMENT a EMPTY><!ELEMENT\nb\rANY\t>", False),
    ("<!ELEMENT a (#PCDATA)><!ELEMENT a ( #PCDATA )><!ELEMENT a (#PCDATA)*>", False),
    ("<!ELEMENT a (#PCDATA|b)*><!ELEMENT a ( #PCDATA | é\n| c )* >", False),
    ("<!ELEMENT a (b)><!ELEMENT a (b?)*><!ELEMENT a ( b* , c+ ,d )? >", False),
    ("<!ELEMENT a (b|c)+><!ELEMENT a ((b,c)|(d|e)+)>", False),
    ("<!ELEMENT a ((((b))?)*,(c|(d,(e|f)))+ , g)>", False),
    ("<!ATTLIST a><!ATTLIST a >", False),
    ("<!ATTLIST a b CDATA #REQUIRED c ID #IMPLIED\nd IDREF #FIXED 'x' e IDREFS \"y\" >", False),
    ("<!ATTLIST a b ENTITY '' c ENTITIES '>]' d NMTOKEN \"'\" e NMTOKENS '\"'>", False),
    ("<!ATTLIST a b NOTATION (c) 'c' d NOTATION\n( c | d ) #IMPLIED>", False),
    ("<!ATTLIST a b (1) '1' c ( -x|.y\n| é ) 'é'>", False),
    ("<!ATTLIST a b CDATA '&c;&é;&#9;&#x1F600;&#x00000000041;&lt;%;%d; -- >'>", False),
    ("<!NOTATION a SYSTEM 'b'><!NOTATION a PUBLIC 'b' \"c\" ><!NOTATION a PUBLIC 'b'><!NOTATION a PUBLIC 'b' >", False),
    ("<!ENTITY a ''>", True),
    ("<!ENTITY a '<b c=\"&d;&#38;&#xD;\">]]>'\n>", True),
    ("<!ENTITY a SYSTEM 'b'><!ENTITY a PUBLIC 'b' 'c' >", True),
    ("<!ENTITY a SYSTEM 'b' NDATA c><!ENTITY a PUBLIC 'b' 'c'\nNDATA\tc >", True),
    ("<!ENTITY % a 'b&c;'><!ENTITY\n% é SYSTEM '%'><!ENTITY % a PUBLIC '' '' >", True),
    ("%a;", True),
    (" %a;\n%é;%b.c; ", True),
)

# parts of an internal subset that are not well-formed, with `^` where it is found
NOT_WELL_FORMED = (
    "^text",
    "^&a;",
    "^<a/>",
    "^</a>",
    "^<![INCLUDE[ ]]>",
    "^<![ %a; [ ]]>",
    "<!^element a EMPTY>",
    "<!^ ELEMENT a EMPTY>",
    "<!^ELEMENTS a EMPTY>",
    "<!^->",
    "<!^>",
    "<!-- a ^-- b -->",
    "<!-- a ^--->",
    "<?^ a?>",
    "<?^?>",
    "<?^1?>",
    "<?^xml version='1.0'?>",
    "<?^XmL?>",
    "<?a^?b?>",
    "<?a^>?>",
    "%^ a;",
    "%a^ ;",
    "%^;",
    "%^1;",
    "<!ELEMENT^>",
    "<!ELEMENT ^>",
    "<!ELEMENT ^1 EMPTY>",
    "<!ELEMENT a^>",
    "<!ELEMENT a^(b)>",
    "<!ELEMENT a ^>",
    "<!ELEMENT a ^empty>",
    "<!ELEMENT a ^EMPTYX>",
    "<!ELEMENT a ^%b;>",
    "<!ELEMENT a EMPTY ^b>",
    "<!ELEMENT a EMPTY ^-- c -->",
    "<!ELEMENT a ^b>",
    "<!ELEMENT a (^)>",
    "<!ELEMENT a (b,^)>",
    "<!ELEMENT a (b^>",
    "<!ELEMENT a (b ^c)>",
    "<!ELEMENT a (b|c^,d)>",
    "<!ELEMENT a (b,c^|d)>",
    "<!ELEMENT a ((b,c)|d^,e)>",
    "<!ELEMENT a (b^&c)>",
    "<!ELEMENT a (b)^)>",
    "<!ELEMENT a (b) ^*>",
    "<!ELEMENT a (b ^*)>",
    "<!ELEMENT a (b*^*)>",
    "<!ELEMENT a (b,^#PCDATA)>",
    "<!ELEMENT a ((^#PCDATA))>",
    "<!ELEMENT a (^#pcdata)>",
    "<!ELEMENT a (^# PCDATA)>",
    "<!ELEMENT a (#PCDATA|b)^>",
    "<!ELEMENT a (#PCDATA|b)^+>",
    "<!ELEMENT a (#PCDATA)^+>",
    "<!ELEMENT a (#PCDATA^,b)*>",
    "<!ELEMENT a (#PCDATA|b^*)*>",
    "<!ELEMENT a (#PCDATA|^(b))*>",
    "<!ELEMENT a (#PCDATA^*)>",
    "<!ELEMENT a (#PCDATA|^)*>",
    "<!ATTLIST ^>",
    "<!ATTLIST^>",
    "<!ATTLIST a b^>",
    "<!ATTLIST a ^'b' CDATA #IMPLIED>",
    "<!ATTLIST a b ^#IMPLIED>",
    "<!ATTLIST a b ^cdata #IMPLIED>",
    "<!ATTLIST a b ^NUMBER #IMPLIED>",
    "<!ATTLIST a b CDATA^>",
    "<!ATTLIST a b CDATA ^>",
    "<!ATTLIST a b CDATA^#IMPLIED>",
    "<!ATTLIST a b CDATA^'c'>",
    "<!ATTLIST a b CDATA ^#implied>",
    "<!ATTLIST a b CDATA ^#CURRENT>",
    "<!ATTLIST a b CDATA ^# IMPLIED>",
    "<!ATTLIST a b CDATA #FIXED^>",
    "<!ATTLIST a b CDATA #FIXED^'c'>",
    "<!ATTLIST a b CDATA #FIXED ^c>",
    "<!ATTLIST a b CDATA #IMPLIED ^'c'>",
    "<!ATTLIST a b CDATA 'c'^d CDATA 'e'>",
    "<!ATTLIST a b CDATA 'c^<d'>",
    "<!ATTLIST a b CDATA 'c&^ d'>",
    "<!ATTLIST a b CDATA 'c&^'>",
    "<!ATTLIST a b CDATA 'c&d^'>",
    "<!ATTLIST a b CDATA 'c&^;'>",
    "<!ATTLIST a b CDATA 'c&#^;'>",
    "<!ATTLIST a b CDATA 'c&#65^'>",
    "<!ATTLIST a b CDATA 'c&#x^;'>",
    "<!ATTLIST a b CDATA '&#^X41;'>",
    "<!ATTLIST a b CDATA '&#^ 65;'>",
    "<!ATTLIST a b CDATA '&#65^A;'>",
    "<!ATTLIST a b CDATA '&#x^G;'>",
    "<!ATTLIST a b CDATA '&#^0;'>",
    "<!ATTLIST a b CDATA '&#^31;'>",
    "<!ATTLIST a b CDATA '&#x^D800;'>",
    "<!ATTLIST a b CDATA '&#x^FFFE;'>",
    "<!ATTLIST a b CDATA '&#x^110000;'>",
    "<!ATTLIST a b CDATA '&#^4294967361;'>",
    "<!ATTLIST a b NOTATION^(c) 'c'>",
    "<!ATTLIST a b NOTATION ^c 'c'>",
    "<!ATTLIST a b NOTATION (^1) '1'>",
    "<!ATTLIST a b NOTATION (^) '1'>",
    "<!ATTLIST a b (^) '1'>",
    "<!ATTLIST a b (c|^) 'c'>",
    "<!ATTLIST a b (c^,d) 'c'>",
    "<!ATTLIST a b (c ^d) 'c'>",
    "<!ATTLIST a b (^'c') 'c'>",
    "<!ATTLIST a b (c)^'c'>",
    "<!ENTITY^>",
    "<!ENTITY ^>",
    "<!ENTITY a^>",
    "<!ENTITY a ^>",
    "<!ENTITY a^'b'>",
    "<!ENTITY a ^b>",
    "<!ENTITY a 'b' ^'c'>",
    "<!ENTITY a 'b' ^NDATA c>",
    "<!ENTITY a 'b^%'>",
    "<!ENTITY a 'b^%c;'>",
    "<!ENTITY a 'b&^ '>",
    "<!ENTITY a '&b^ ;'>",
    "<!ENTITY a '&^1;'>",
    "<!ENTITY a '&#x^0;'>",
    "<!ENTITY a ^system 'b'>",
    "<!ENTITY a SYSTEM^>",
    "<!ENTITY a SYSTEM ^>",
    "<!ENTITY a SYSTEM^'b'>",
    "<!ENTITY a SYSTEM ^b>",
    "<!ENTITY a SYSTEM 'b' ^'c'>",
    "<!ENTITY a PUBLIC 'b'^>",
    "<!ENTITY a PUBLIC 'b' ^>",
    "<!ENTITY a PUBLIC 'b'^'c'>",
    "<!ENTITY a PUBLIC ^'b{}' 'c'>",
    "<!ENTITY a PUBLIC ^'é' 'c'>",
    "<!ENTITY a PUBLIC ^'\t' 'c'>",
    "<!ENTITY a SYSTEM 'b'^NDATA c>",
    "<!ENTITY a SYSTEM 'b' NDATA^>",
    "<!ENTITY a SYSTEM 'b' NDATA^'c'>",
    "<!ENTITY a SYSTEM 'b' NDATA ^1>",
    "<!ENTITY a SYSTEM 'b' ^ndata c>",
    "<!ENTITY %^a 'b'>",
    "<!ENTITY % ^'b'>",
    "<!ENTITY % a SYSTEM 'b' ^NDATA c>",
    "<!ENTITY^% a 'b'>",
    "<!NOTATION^>",
    "<!NOTATION a ^>",
    "<!NOTATION a ^'b'>",
    "<!NOTATION a SYSTEM ^>",
    "<!NOTATION a PUBLIC ^>",
    "<!NOTATION a PUBLIC ^'&'>",
    "<!NOTATION a PUBLIC 'b'^'c'>",
    "<!NOTATION a PUBLIC 'b' ^c>",
    "<!NOTATION a SYSTEM 'b' ^'c'>",
)

BAD_HEADS = (
    "^>",
    "^a>",
    "^[]>",
    " ^>",
    " ^1>",
    " a^'b'>",
    " a ^'b'>",
    " a ^system 'b'>",
    " a ^SYSTEMS 'b'>",
    " a SYSTEM^>",
    " a SYSTEM ^>",
    " a SYSTEM^'b'>",
    " a SYSTEM 'b' ^'c'>",
    " a PUBLIC 'b'^>",
    " a PUBLIC 'b' ^>",
    " a PUBLIC 'b'^'c'>",
    " a PUBLIC ^'<' 'c'>",
    " a ^b>",
    " a ^<!-- c -->>",
    " a [] ^SYSTEM 'b'>",
    " a [] ^[]>",
    " a []^]>",
)


def documents():
    """Each document type declaration that is well-formed, as bytes, and what it declares."""
    for head, declares in HEADS:
        yield head.encode(), declares
    for subset, declares in SUBSETS:
        yield (" a[%s]>" % subset).encode(), declares
    yield (" a [\n%s] >" % "\n".join([subset for subset, declares in SUBSETS])).encode(), True


def in_pieces(data, size):
    """`(doctype, position)`, or the arguments of the error, after pieces of `size` bytes."""
    doctype = Doctype()
    kept = b""
    consumed = 0
    for i in range(0, len(data), size):
        kept += data[i : i + size]
        try:
            position = doctype.take(kept, 0)
        except ValueError as error:
            return error.args[0], error.args[1] + consumed
        kept = kept[position:]
        consumed += position
        if doctype.done:
            break
    return doctype, consumed


def test_well_formed_ones_are_stepped_over_whole():
    for data, declares in documents():
        doctype = Doctype()
        assert doctype.take(b"<!DOCTYPE" + data + b"<a/>", 9) == 9 + len(data), data
        assert doctype.done and doctype.declares == declares, data


def test_pieces_of_any_size_are_the_same():
    for data, declares in documents():
        for size in (1, 2, 3, 5, 7):
            doctype, consumed = in_pieces(data, size)
            assert consumed == len(data) and doctype.done and doctype.declares == declares, (size, data)


def test_cut_anywhere_is_not_done():
    for data, declares in documents():
        for end in range(len(data)):
            doctype = Doctype()
            at = doctype.take(data[:end], 0)
            assert at <= end and not doctype.done, data[:end]
            # and goes on, with what was left and the rest
            assert doctype.take(data[at:], 0) == len(data) - at and doctype.done, (data[:end], data[end:])
            assert doctype.declares == declares, data


def test_not_well_formed_ones_are_refused_where_they_are_wrong():
    cases = list(BAD_HEADS)
    for head in (" a [", " a SYSTEM 'b' [<!ENTITY a 'b'><!-- --><?a ?>%a;\n"):
        cases += [head + case + " ]>" for case in NOT_WELL_FORMED]
    for case in cases:
        begin, end = case.split("^")
        data = (begin + end).encode()
        whole = in_pieces(data, len(data))
        assert whole[1] == len(begin.encode()) and isinstance(whole[0], str), (case, whole)
        for size in (1, 2, 5):
            assert in_pieces(data, size) == whole, (case, size)


def test_a_long_comment_or_instruction_is_not_kept():
    for begin, filling, end in ((b"<!--", b" - >\xc3\xa9", b"-->"), (b"<?a ", b"? >", b"?>")):
        doctype = Doctype()
        assert doctype.take(b" a[" + begin, 0) == 3 + len(begin)
        for _ in range(DECLARATION_MAX_BYTES // 64):
            assert doctype.take(filling * 64, 0) == len(filling * 64)
        assert doctype.take(end + b"]>", 0) == len(end) + 2
        assert doctype.done


def test_a_terminator_is_found_when_cut():
    for part, kept in ((b"<!--a-", 1), (b"<!--a--", 2), (b"<?a b?", 1), (b"<?a?", 4), (b"<!-", 3), (b"<", 1)):
        doctype = Doctype()
        data = b" a[ " + part
        assert doctype.take(data, 0) == len(data) - kept, part


def test_a_declaration_is_bounded():
    for begin, end in ((b"<!ENTITY a '", b"'>"), (b"<!ELEMENT ", b" ANY>"), (b"<!ELEMENT a (b", b")>")):
        filling = DECLARATION_MAX_BYTES - len(begin) - len(end)
        longest = b" a[" + begin + (b" " if b"(" in begin else b"c") * filling + end + b"]>"
        doctype = Doctype()
        assert doctype.take(longest, 0) == len(longest) and doctype.done
        longer = longest.replace(end, b" " + end)
        for size in (4096, len(longer)):
            assert in_pieces(longer, size) == ("a declaration of at most 65536 bytes", 3)


def test_names_are_bounded_too():
    for begin in (b" ", b" a[%", b" a[<?"):
        message, at = in_pieces(begin + b"a" * (DECLARATION_MAX_BYTES + 9), 8192)
        assert message == "a declaration of at most 65536 bytes" and at <= len(begin)


def test_content_models_nest_to_a_depth():
    for depth, is_well_formed in ((MODEL_MAX_DEPTH, True), (MODEL_MAX_DEPTH + 1, False), (20000, False)):
        data = b" a[<!ELEMENT a " + b"(" * depth + b"b" + b")?" * depth + b">]>"
        first = in_pieces(data, len(data))[0]
        assert isinstance(first, str) != is_well_formed, depth


def test_a_declaration_with_many_literals_in_small_pieces():
    data = b" a[<!ATTLIST a" + b" b CDATA ''" * 900 + b">]>"
    doctype = Doctype()
    at = doctype.take(data[:4], 0)
    for end in range(5, len(data) + 1, 3):
        at = doctype.take(data[:end], at)
    assert doctype.take(data, at) == len(data) and doctype.done


# [4] NameStartChar beyond ASCII, and what [4a] NameChar has beside it: first and last of each range
NAME_START = "\xc0\xd6\xd8\xf6\xf8\u02ff\u0370\u037d\u037f\u1fff\u200c\u200d\u2070\u218f\u2c00\u2fef\u3001\ud7ff"
NAME_START += "\uf900\ufdcf\ufdf0\ufffd\U00010000\U000effff"
NAME_MORE = "\xb7\u0300\u036f\u203f\u2040"
NOT_NAME = "\xb6\xb8\xbf\xd7\xf7\u037e\u2000\u200b\u200e\u203e\u2041\u206f\u2190\u2bff\u2ff0\u3000\ue000\uf8ff"
NOT_NAME += "\ufdd0\ufdef\ufffe\uffff\U000f0000\U0010ffff\x00\t\n !\"#$%&'()*+,/;<=>?@[\\]^`{|}~\x7f\x80"


def test_names():
    for text in ("a", "Z", "_", ":", "a:b", "_-.9", "aé", "éa", "ж7", "\U00010000-\u0300") + tuple(NAME_START):
        assert is_name(text) and is_nmtoken(text) and is_nmtoken("9" + text), text
    for text in ("0", "9a", "-", ".", "\u0300é", "0ж") + tuple(NAME_MORE):
        assert not is_name(text) and is_nmtoken(text) and is_name("é" + text + "a"), text
    for text in NOT_NAME:
        for around in ("%s", "a%s", "%sa", "a%sb", "é%sé"):
            text = around.replace("%s", text)
            assert not is_name(text) and not is_nmtoken(text), text
    assert not is_name("") and not is_nmtoken("")


def test_characters():
    for code in (9, 10, 13, 32, 0xD7FF, 0xE000, 0xFFFD, 0x10000, 0x10FFFF):
        assert is_character(code), code
    for code in (0, 8, 11, 12, 14, 31, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0x110000):
        assert not is_character(code), code


def test_colons_in_names_are_those_of_namespaces():
    for document in (
        " :a>",
        " a:>",
        " a:b:c>",
        " a [<!ENTITY b:c 'd'>]>",
        " a [<!NOTATION b:c SYSTEM 'd'>]>",
        " a [%b:c;]>",
    ):
        try:
            Doctype().take(document.encode(), 0)
            assert False, document
        except ValueError:
            pass
