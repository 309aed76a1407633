"""Virtual boards: the real thing less the copper (DESIGN section 7).

`board` runs one of them, `simulator` several; `spawn`, `start` and `stand_ins` run inside it.
"""
