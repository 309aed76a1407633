"""The size limits of XML and of feeds, with their units and reasons; a Scanner takes others."""

XML_DEPTH_MAX = 256  # open elements; real documents have a dozen
XML_ATTRIBUTES_MAX = 256  # of one element
XML_NAME_MAX = 256  # bytes
XML_ATTRIBUTE_MAX = 65536  # bytes; some hold a whole picture
XML_TEXT_MAX = 10485760  # bytes of text in one piece, or of one tag, that was asked for

FEED_CATEGORIES_MAX = 1000  # of one item; what comes behind them is left out. Real feeds have a few dozen
