"""Runs in MicroPython for `test_power_cut.py`: does something to files of a board with the power cut at each of
its writes, one after the other, and prints what the board had after it was started again.

cut_power.py ROOT DEVICE_BOOT ON_BOARD PLAN    (ROOT an empty folder; the others files; PLAN is JSON)
"""

import json
import os
import sys

import vfs

root, boot_path, script_path, plan_path = sys.argv[1:]
with open(boot_path) as file:
    FINISH = file.read().split("\ntry:\n    finish()")[0]
with open(script_path) as file:
    SCRIPT = file.read()
with open(plan_path) as file:
    PLAN = json.load(file)

whole = vfs.VfsPosix()
vfs.umount("/")
vfs.mount(vfs.VfsPosix(root), "/")
os.chdir("/")


class PowerCut(Exception):
    pass


class Power:
    def __init__(self, writes):
        self.left = writes

    def use(self):
        self.left -= 1
        if self.left < 0:
            raise PowerCut


class File:
    """One that is written to while the power lasts: of what is written as it goes, half is there."""

    def __init__(self, file, power):
        self._file = file
        self._power = power

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._file.close()

    def write(self, data):
        try:
            self._power.use()
        except PowerCut:
            self._file.write(data[: len(data) // 2])
            raise
        return self._file.write(data)


def powered(power):
    """`open` and `os` of a board with so much power."""

    class Os:
        listdir = stat = statvfs = None

        def rename(self, old, new):
            power.use()
            whole.rename(root + old, root + new)

        def remove(self, path):
            power.use()
            os.remove(path)

        def mkdir(self, path):
            power.use()
            os.mkdir(path)

        def rmdir(self, path):
            power.use()
            os.rmdir(path)

    board_os = Os()
    for name in ("listdir", "stat", "statvfs"):
        setattr(board_os, name, getattr(os, name))

    def open_(path, mode="r"):
        if "w" not in mode:
            return open(path, mode)
        power.use()
        return File(open(path, mode), power)

    return {"open": open_, "os": board_os}


class Sys:
    """stdin with the pieces of a deploy."""

    def __init__(self, pieces):
        self._pieces = list(pieces)
        self.stdin = self.buffer = self.stdout = self

    def read(self, size):
        return self._pieces.pop(0).encode()

    def write(self, text):
        pass


def remove_all(folder):
    for entry in os.ilistdir(folder):
        path = folder + "/" + entry[0]
        if entry[1] == 0x4000:
            remove_all(path)
            os.rmdir(path)
        else:
            os.remove(path)


def lay(files):
    remove_all("")
    for path, text in files.items():
        parts = path.split("/")
        for end in range(2, len(parts)):
            try:
                os.mkdir("/".join(parts[:end]))
            except OSError:
                pass
        with open(path, "w") as file:
            file.write(text)


def there(paths):
    found = {}
    for path in paths:
        try:
            with open(path) as file:
                found[path] = file.read()
        except OSError:
            pass
    return found


writes = 0
while True:
    lay(PLAN["before"])
    power = Power(writes)
    names = {}
    exec(SCRIPT, names)
    names.update(powered(power))
    names["sys"] = Sys(PLAN["pieces"])
    names["print"] = lambda *words: None
    is_done = True
    try:
        exec(PLAN["code"], names)
    except PowerCut:
        is_done = False
    started = powered(Power(1000))
    sys.modules["os"] = started["os"]
    exec(FINISH, started)
    started["finish"]()
    del sys.modules["os"]
    print(json.dumps([is_done, there(PLAN["paths"])]))
    if is_done:
        break
    writes += 1
