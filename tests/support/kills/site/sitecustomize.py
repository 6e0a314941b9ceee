"""Python imports this at its start where the folder is on PYTHONPATH: see support.kills."""

from support.kills import inside

inside.start()
