"""The limits of what reads dates, HTML and the weather, each with its unit and its reason."""

DATE_MAX = 100  # characters of a date that are looked at; with all its comments one has 60
HTML_MAX = 32768  # characters of HTML that are looked at: 1,000 of text are in the first few thousand
PLAIN_MAX = 1000  # characters of plain text made of HTML, for a small display

WEATHER_PERIODS_MAX = 256  # forecast periods, and starts in one layout; a week of hours is 168
WEATHER_LAYOUTS_MAX = 32  # time layouts; NDFD's whole time series has about 15
WEATHER_TEXT_MAX = 200  # characters of a place, a summary or a unit; what is longer is cut
WEATHER_TOKEN_MAX = 8192  # bytes of one text or tag that is read at all; the longest known has 400
