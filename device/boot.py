"""Runs before `main.py` at every start: switches Wi-Fi on. Whatever fails here, the board starts."""

try:
    import wifi

    wifi.start()
except Exception as error:
    from helio.runtime import print_exception

    print("boot.py: no Wi-Fi")
    print_exception(error)
