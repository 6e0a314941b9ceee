"""`ls-dvc --help` lists the commands in groups, each with a line that fits 80 columns."""

from __future__ import annotations

import click

GROUPS = {
    "Set up": {
        "init": "Add ls-dvc to a git and DVC repository.",
        "formats": "Show what each format can hold.",
        "demo": "Try everything on a local Label Studio.",
    },
    "Stages (run by `dvc repro`)": {
        "export": "Write data/snapshot from labels.lock.",
        "media": "Write data/media from data/snapshot.",
        "convert": "Write data/dataset and the reports.",
    },
    "Versions": {
        "status": "Check whether labels changed.",
        "update": "Pin the current labels in labels.lock.",
        "log": "List the versions, newest first.",
        "show": "Show one version: counts, formats, data.",
        "check": "Find faults in the labels.",
        "diff": "Compare the labels of two versions.",
        "report": "Write a page about a version.",
        "browse": "Look at a version in a web browser.",
        "blame": "List the versions that changed a task.",
        "get": "Write the data set of a version to a folder.",
        "restore": "Copy a version to a new project.",
    },
    "Automation": {
        "refresh": "Update, reproduce, verify and commit.",
        "watch": "Refresh whenever labels changed.",
    },
    "Maintenance": {
        "doctor": "Find what is wrong, and what fixes it.",
        "verify": "Check the data against labels.lock.",
        "prune": "Remove snapshots that no version needs.",
    },
    "Run by git": {
        "git-diff": "Say what changed in a labels.lock.",
    },
}


class GroupedCommands(click.Group):
    """A group whose help lists its commands by `GROUPS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands in the order of the groups."""
        order = [name for commands in GROUPS.values() for name in commands]
        return sorted(super().list_commands(ctx), key=order.index)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write a section for each group; their columns are aligned with each other."""
        width = max(map(len, self.commands))
        for title, commands in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), text) for name, text in commands.items()])
