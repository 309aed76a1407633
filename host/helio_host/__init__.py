"""What only a desktop has: the `helio` command and its parts."""
