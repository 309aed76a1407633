"""The subcommands of `helio`, a module each, called `command` there."""
