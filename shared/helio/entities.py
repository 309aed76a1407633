"""The 252 names that HTML 4 gives to characters (section 24): feeds have no others."""

# In the order of their code points, first U+00A0 to U+00FF, then those of _CODES.
_NAMES = (
    " nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3"
    " acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde"
    " Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc"
    " Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml"
    " aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc"
    " otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml"
    " quot amp lt gt OElig oelig Scaron scaron Yuml fnof circ tilde Alpha Beta Gamma Delta Epsilon Zeta Eta"
    " Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho Sigma Tau Upsilon Phi Chi Psi Omega alpha beta gamma"
    " delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigmaf sigma tau upsilon phi chi"
    " psi omega thetasym upsih piv ensp emsp thinsp zwnj zwj lrm rlm ndash mdash lsquo rsquo sbquo ldquo rdquo"
    " bdquo dagger Dagger bull hellip permil prime Prime lsaquo rsaquo oline frasl euro image weierp real"
    " trade alefsym larr uarr rarr darr harr crarr lArr uArr rArr dArr hArr forall part exist empty nabla isin"
    " notin ni prod sum minus lowast radic prop infin ang and or cap cup int there4 sim cong asymp ne equiv le"
    " ge sub sup nsub sube supe oplus otimes perp sdot lceil rceil lfloor rfloor lang rang loz spades clubs"
    " hearts diams"
    " "
)
_CODES = (
    b"\x00\x22\x00\x26\x00\x3c\x00\x3e\x01\x52\x01\x53\x01\x60\x01\x61\x01\x78\x01\x92\x02\xc6\x02\xdc\x03\x91"
    b"\x03\x92\x03\x93\x03\x94\x03\x95\x03\x96\x03\x97\x03\x98\x03\x99\x03\x9a\x03\x9b\x03\x9c\x03\x9d\x03\x9e"
    b"\x03\x9f\x03\xa0\x03\xa1\x03\xa3\x03\xa4\x03\xa5\x03\xa6\x03\xa7\x03\xa8\x03\xa9\x03\xb1\x03\xb2\x03\xb3"
    b"\x03\xb4\x03\xb5\x03\xb6\x03\xb7\x03\xb8\x03\xb9\x03\xba\x03\xbb\x03\xbc\x03\xbd\x03\xbe\x03\xbf\x03\xc0"
    b"\x03\xc1\x03\xc2\x03\xc3\x03\xc4\x03\xc5\x03\xc6\x03\xc7\x03\xc8\x03\xc9\x03\xd1\x03\xd2\x03\xd6\x20\x02"
    b"\x20\x03\x20\x09\x20\x0c\x20\x0d\x20\x0e\x20\x0f\x20\x13\x20\x14\x20\x18\x20\x19\x20\x1a\x20\x1c\x20\x1d"
    b"\x20\x1e\x20\x20\x20\x21\x20\x22\x20\x26\x20\x30\x20\x32\x20\x33\x20\x39\x20\x3a\x20\x3e\x20\x44\x20\xac"
    b"\x21\x11\x21\x18\x21\x1c\x21\x22\x21\x35\x21\x90\x21\x91\x21\x92\x21\x93\x21\x94\x21\xb5\x21\xd0\x21\xd1"
    b"\x21\xd2\x21\xd3\x21\xd4\x22\x00\x22\x02\x22\x03\x22\x05\x22\x07\x22\x08\x22\x09\x22\x0b\x22\x0f\x22\x11"
    b"\x22\x12\x22\x17\x22\x1a\x22\x1d\x22\x1e\x22\x20\x22\x27\x22\x28\x22\x29\x22\x2a\x22\x2b\x22\x34\x22\x3c"
    b"\x22\x45\x22\x48\x22\x60\x22\x61\x22\x64\x22\x65\x22\x82\x22\x83\x22\x84\x22\x86\x22\x87\x22\x95\x22\x97"
    b"\x22\xa5\x22\xc5\x23\x08\x23\x09\x23\x0a\x23\x0b\x23\x29\x23\x2a\x25\xca\x26\x60\x26\x63\x26\x65\x26\x66"
)


def named(name):
    """The character that `&name;` stands for, a str, or None. Capitals matter."""
    at = -1 if " " in name else _NAMES.find(" " + name + " ")
    if at < 0 or not name:
        return None
    i = _NAMES.count(" ", 0, at)
    if i < 96:  # U+00A0 to U+00FF, in their order
        return chr(160 + i)
    i = 2 * (i - 96)
    return chr(_CODES[i] << 8 | _CODES[i + 1])
