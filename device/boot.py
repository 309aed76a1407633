"""Runs before `main.py` at every start: puts into place what `helio deploy` had begun to, switches Wi-Fi on, has the
clock set and the program watched. Whatever fails here, the board starts."""

JOURNAL = "/lib/helio.new"


def finish():
    """Put everything in its place, as the journal says; nothing where there is none."""
    import json
    import os

    try:
        with open(JOURNAL) as file:
            moves = json.load(file)
    except OSError:
        return
    for staged, path in moves:
        try:
            if staged:
                os.stat(staged)
            os.remove(path)
        except OSError:  # it is done already, or there was none
            pass
        try:
            if staged:
                os.rename(staged, path)
        except OSError:
            pass
    os.remove(JOURNAL)


try:
    finish()
except Exception as error:
    print("boot.py: what was deployed could not be put into its place:", error)

try:
    import clock
    import starts
    import watchdog
    import wifi

    wifi.start()
    clock.start()
    watchdog.start()
    starts.begin()  # last: it has the firmware find another main.py
except Exception as error:
    print("boot.py: no Wi-Fi, or no watch over the program")
    try:
        from helio.runtime import print_exception

        print_exception(error)
    except Exception:  # nothing of helio is here, or something else with its name
        print(error)
