"""Laying helio and a program onto a board: `contents` says what is to be there, `on_board` runs on the board, and
`deploy` speaks with it."""
