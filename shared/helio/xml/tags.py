"""What is in a start tag: attributes (XML 1.0 section 3.1) and namespaces (Namespaces in XML 1.0).

An error is a ValueError of what was wrong, and where in what followed the name.
"""

from collections import OrderedDict

from helio.xml.characters import is_name, is_plain_value
from helio.xml.stepping import SPACE

_KEYS_MAX = 64

# MicroPython's dict does not keep the order in which attributes were written.
ORDERED = dict if hasattr(bytes, "translate") else OrderedDict


class Tags:
    """Reads start tags, one after the other, in the namespaces that are in scope. `is_strict`: a
    prefix that nobody declared is an error; else it stays in the name. `sizes`: the bytes that a
    name may have, how many attributes there may be, and the bytes of one."""

    def __init__(self, is_strict, entity, sizes):
        self._strict = is_strict
        self._entity = entity
        self.sizes = sizes
        self._keys = {}  # names of attributes, as written with the white space before them: as str
        self.uris = {  # in scope, by their prefixes
            "xml": "http://www.w3.org/XML/1998/namespace",
            "xmlns": "http://www.w3.org/2000/xmlns/",
            "": "",
        }

    def name(self, tag):
        """The name `{uri}local` that is written `tag`, bytes, where an element has it."""
        name = self._name(tag)
        if name.startswith("xmlns:"):
            _values().fail("prefix", None, "xmlns")
        if ":" in name or self.uris[""]:
            name = self._resolved(name if ":" in name else ":" + name)
        return name

    def attributes(self, data):
        """The attributes of a tag as a dict of str, and what its declarations of namespaces hide, for
        `restore`, or None. `data` is what follows the name."""
        found = {} if data.count(b"=") < 2 else ORDERED()
        keys = self._keys
        _, count_max, size_max = self.sizes
        is_plain = True
        at = 0
        while True:
            equals = data.find(b"=", at)
            if equals < 0:
                break
            name = keys.get(data[at:equals]) or self._key(data, at, equals)
            start = equals + 1
            quote = data[start : start + 1]
            if quote != b'"' and quote != b"'":
                start, quote = _values().quote(data, start)
            end = data.find(quote, start + 1)
            if end < 0 or name in found or end - start > size_max or len(found) >= count_max:
                size = -1 if end < 0 else end - start
                _values().refuse(name, found, start, size, size_max, count_max)
            value = data[start + 1 : end]
            if is_plain_value(value):
                found[name] = str(value, "utf-8")
            else:
                found[name] = _values().value(value, start, self._strict, self._entity)
            if ":" in name or name == "xmlns":
                is_plain = False
            at = end + 1
        if data[at:].strip(SPACE):
            _values().fail("no value", at)
        return (found, None) if is_plain else self._in_namespaces(found)

    def restore(self, hidden):
        """Undo an element's declarations."""
        for prefix, uri in hidden:
            if uri is None:
                del self.uris[prefix]
            else:
                self.uris[prefix] = uri

    def _key(self, data, at, equals):
        key = data[at:equals]
        if not key or key[0] not in SPACE:
            _values().fail("no space", at)
        try:
            name = self._name(key.strip(SPACE))
        except ValueError as error:
            _values().fail(error.args[0], at)
        if len(self._keys) >= _KEYS_MAX:
            self._keys.clear()
        self._keys[key] = name
        return name

    def _name(self, data):
        if len(data) > self.sizes[0]:
            _values().fail("long", None, self.sizes[0])
        prefix, colon, local = data.partition(b":")
        try:
            is_right = is_name(prefix) and (not colon or is_name(local) and b":" not in local)
        except ValueError:  # it is not UTF-8
            is_right = False
        if not is_right:
            raise ValueError(_values().refuse_name(data))
        return str(data, "utf-8")

    def _in_namespaces(self, found):
        hidden = []
        for name, value in found.items():
            if name == "xmlns" or name.startswith("xmlns:"):
                hidden.append(self._declare(name[6:], value))
        named = {} if len(found) - len(hidden) < 2 else ORDERED()
        for name, value in found.items():
            if name != "xmlns" and not name.startswith("xmlns:"):
                name = self._resolved(name) if ":" in name else name
                if name in named:
                    _values().fail("twice", None, name)
                named[name] = value
        return named, hidden

    def _resolved(self, name):
        prefix, _, local = name.partition(":")
        uri = self.uris.get(prefix)
        if uri is None:
            if self._strict:
                _values().fail("prefix", None, prefix)
            return name
        return "{%s}%s" % (uri, local)

    def _declare(self, prefix, uri):
        is_xml = uri == self.uris["xml"]
        is_reserved = prefix == "xmlns" or (prefix == "xml") != is_xml or uri == self.uris["xmlns"]
        if is_reserved or prefix and not uri:
            _values().fail("xmlns", None, prefix)
        before = self.uris.get(prefix)
        self.uris[prefix] = uri
        return prefix, before


def _values():
    from helio.xml import values

    return values
