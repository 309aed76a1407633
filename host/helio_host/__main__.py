"""Starts the command `helio`. Whoever interrupts it while it is still being loaded sees no traceback."""

import sys


def main():
    """The entry point."""
    try:
        from helio_host.cli import main

        main()
    except KeyboardInterrupt:
        sys.exit("helio: interrupted before it was done")


if __name__ == "__main__":
    main()
