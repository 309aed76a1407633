"""Runs before `main.py` at every start: switches Wi-Fi on, and has the clock set. Whatever fails here,
the board starts."""

try:
    import clock
    import wifi

    wifi.start()
    clock.start()
except Exception as error:
    from helio.runtime import print_exception

    print("boot.py: no Wi-Fi")
    print_exception(error)
