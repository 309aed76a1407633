"""What a person would see on a board's LED, from what its pins do."""

BLACK = "000000"


class LedView:
    """One LED as wired in `settings`, the `led` part of a board's settings."""

    def __init__(self, settings):
        self._kind = settings["kind"]
        self._pin = settings.get("pin")
        self._active = settings.get("active", 1)
        self._order = settings.get("order", "GRB")
        self._shown = self._off = (False, BLACK) if self._kind == "neopixel" else (False, None)

    def change(self, report):
        """`{"on", "colour"}` when this report of a pin changed what is seen, else None.

        `colour` is there for a NeoPixel only.
        """
        if self._kind == "pin" and report.get("pin") == self._pin:
            shown = report["level"] == self._active, None
        elif self._kind == "neopixel" and report.get("neopixel") == self._pin:
            wire = report["bytes"]
            parts = {self._order[i]: wire[2 * i : 2 * i + 2] for i in range(3)}
            colour = (parts["R"] + parts["G"] + parts["B"]).upper()
            shown = colour != BLACK, colour
        else:
            return None
        if shown == self._shown:
            return None
        self._shown = shown
        on, colour = shown
        return {"on": on} if colour is None else {"on": on, "colour": colour}
