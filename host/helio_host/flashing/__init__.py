"""From a blank board to MicroPython: `flash` does all of it for one port, with `firmware` from the web or the
cache, `esptool` for the chip, and `prompt` for what runs in the end."""
