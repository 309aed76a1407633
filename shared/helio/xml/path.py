"""The paths of `find` and `findall`: ElementTree's part of XPath.

`tag`, `{uri}tag`, `{uri}*`, `{*}tag`, `prefix:tag`, `*`, `.`, `..`, `//`, and behind a step
`[@a]`, `[@a='v']`, `[@a!='v']`, `[tag]`, `[tag='text']`, `[tag!='text']`, `[.='text']`,
`[.!='text']`, `[1]`, `[last()]`, `[last()-1]`.
"""

from helio.errors import UsageError

_WORD_ENDS = "/[]()@!= \t\r\n"


def select(root, path, namespaces=None):
    """An iterator over the elements that a path leads to from `root`. Raises UsageError when it is
    no path."""
    if path[:1] == "/":
        raise UsageError("the path %r begins at the document; from an element it is ./ and so on" % path)
    if path[-1:] == "/":
        path += "*"
    tokens = _tokens(path)
    found = iter([root])
    context = _Parents(root)
    position = 0
    while position < len(tokens):
        step, position = _step(tokens, position, path, namespaces, context)
        found = step(found)
        if position == len(tokens):
            break
        if tokens[position][0] == "/":
            position += 1
            if position == len(tokens):
                raise _wrong(path)
        elif tokens[position][0] not in ("//", "["):
            raise _wrong(path)
    return found


class _Parents:
    """The parent of each element, found out when it is first needed."""

    def __init__(self, root):
        self._root = root
        self._parents = None

    def of(self, element):
        if self._parents is None:
            self._parents = {id(child): parent for parent in self._root.iter() for child in parent}
        return self._parents.get(id(element))


def _wrong(path):
    return UsageError("%r is not a path that find knows" % path)


def _tokens(path):
    """A list of pairs, a sign or "" and a word or a text in quotes."""
    tokens = []
    at = 0
    while at < len(path):
        char = path[at]
        end = at + 1
        if char in "'\"":
            end = path.find(char, at + 1)
            if end < 0:
                raise _wrong(path)
            tokens.append(("'", path[at + 1 : end]))
            end += 1
        elif path[at : at + 2] in ("//", "..", "()", "!="):
            end = at + 2
            tokens.append((path[at:end], ""))
        elif char in "/.*[]()@=":
            tokens.append((char, ""))
        elif char not in " \t\r\n":
            if char == "{":
                end = path.find("}", at) + 1
                if end <= at + 1 and path.find("}", at) < 0:
                    raise _wrong(path)
            while end < len(path) and path[end] not in _WORD_ENDS:
                end += 1
            tokens.append(("", path[at:end]))
        else:
            tokens.append((" ", ""))
        at = end
    return [token for token in tokens if token[0] != " "]


def _step(tokens, at, path, namespaces, parents):
    """A function from elements to those one step on, and where in the tokens the next begins."""
    sign, word = tokens[at]
    if sign == "[":
        return _predicate(tokens, at + 1, path, namespaces, parents)
    if sign == "//":
        at += 1
        sign, word = tokens[at] if at < len(tokens) else ("/", "")
        if sign not in ("", "*"):
            raise _wrong(path)
        matches = _matcher(word if not sign else "*", path, namespaces)
        return lambda found: _descendants(found, matches), at + 1
    if sign == ".":
        return lambda found: found, at + 1
    if sign == "..":
        return lambda found: _parents(found, parents), at + 1
    if sign not in ("", "*"):
        raise _wrong(path)
    matches = _matcher(word if not sign else "*", path, namespaces)
    return lambda found: _children(found, matches), at + 1


def _matcher(tag, path, namespaces):
    """Whether a name is one that `tag` means, as a function."""
    if tag == "*" or tag == "{*}*":
        return lambda name: True
    if tag[:1] != "{":
        prefix, colon, local = tag.partition(":")
        if colon:
            if not namespaces or prefix not in namespaces:
                raise UsageError("the prefix %s in the path %r is not in namespaces" % (prefix, path))
            tag = "{%s}%s" % (namespaces[prefix], local)
        elif namespaces and namespaces.get(""):
            tag = "{%s}%s" % (namespaces[""], tag)
    if tag[:3] == "{*}":
        return lambda name: name == tag[3:] or name.endswith(tag[2:]) and name[:1] == "{"
    if tag[-2:] == "}*":
        if tag == "{}*":
            return lambda name: name[:1] != "{"
        return lambda name: name.startswith(tag[:-1])
    if tag[:2] == "{}":
        tag = tag[2:]
    return lambda name: name == tag


def _children(found, matches):
    for element in found:
        for child in element:
            if matches(child.tag):
                yield child


def _descendants(found, matches):
    for element in found:
        for inner in element.iter():
            if inner is not element and matches(inner.tag):
                yield inner


def _parents(found, parents):
    seen = set()
    for element in found:
        parent = parents.of(element)
        if parent is not None and id(parent) not in seen:
            seen.add(id(parent))
            yield parent


def _predicate(tokens, at, path, namespaces, parents):
    end = at
    while end < len(tokens) and tokens[end][0] != "]":
        end += 1
    if end == len(tokens):
        raise _wrong(path)
    signs = " ".join([sign or "-" for sign, _ in tokens[at:end]])
    words = [word for _, word in tokens[at:end]]
    keeps = _attribute(signs, words) or _inner_text(signs, words, namespaces) or _position(signs, words, path, parents)
    if keeps is None:
        raise _wrong(path)
    return lambda found: (element for element in found if keeps(element)), end + 1


def _attribute(signs, words):
    if signs == "@ -":
        return lambda element: element.get(words[1]) is not None
    if signs == "@ - = '":
        return lambda element: element.get(words[1]) == words[3]
    if signs == "@ - != '":
        return lambda element: element.get(words[1]) not in (None, words[3])
    return None


def _inner_text(signs, words, namespaces):
    first = words[0] if words else ""
    if _is_number(first):
        return None
    if signs == "-":
        return lambda element: element.find(first, namespaces) is not None
    if signs in (". = '", ". != '"):
        equal = signs == ". = '"
        return lambda element: ("".join(element.itertext()) == words[2]) == equal
    if signs in ("- = '", "- != '"):
        equal = signs == "- = '"
        return lambda element: any(
            [("".join(inner.itertext()) == words[2]) == equal for inner in element.iterfind(first, namespaces)]
        )
    return None


def _position(signs, words, path, parents):
    if signs == "-":
        index = int(words[0]) - 1
        if index < 0:
            raise UsageError("positions in a path count from 1: %r" % path)
    elif signs == "- ()" and words[0] == "last":
        index = -1
    elif signs == "- () -" and words[0] == "last" and _is_number(words[2]) and words[2][0] == "-":
        index = int(words[2]) - 1
        if index > -2:
            raise _wrong(path)
    else:
        return None
    alike = {}  # the children of a parent by their tag: each is listed once

    def keeps(element):
        parent = parents.of(element)
        if parent is None:
            return False
        key = id(parent), element.tag
        if key not in alike:
            alike[key] = [child for child in parent if child.tag == element.tag]
        siblings = alike[key]
        return -len(siblings) <= index < len(siblings) and siblings[index] is element

    return keeps


def _is_number(word):
    digits = word[1:] if word[:1] == "-" else word
    return digits != "" and all([digit in "0123456789" for digit in digits])
