"""What the firmware runs as `main.py` after power-up or a reset, for `boot.py` has made this the current folder: the
program of the board, watched."""

import starts

starts.run(globals())
