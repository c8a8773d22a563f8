"""The commands, one module each: they read options, call the pipeline and hand the result to a reporter.

Whatever is slow to import is imported inside the function, so that `--help` stays quick and never starts
Node. `COMMANDS` and `GROUPS` are the only lists of commands.
"""

from collections.abc import Callable
from typing import Any

import typer

from aurora.commands import (
    bootstrap,
    bring_up,
    charts,
    ci,
    diff,
    doctor,
    explain,
    graph,
    images,
    init,
    list_,
    matrix,
    parity,
    prerequisites,
    promote,
    recovery,
    rehearse,
    report,
    rollout,
    schema,
    schemas,
    synth,
    test,
    tools,
    upgrade,
    validate,
)

COMMANDS: dict[str, Callable[..., Any]] = {
    "init": init.init,
    "synth": synth.synth,
    "validate": validate.validate,
    "diff": diff.diff,
    "test": test.test,
    "explain": explain.explain,
    "matrix": matrix.matrix,
    "graph": graph.graph,
    "bootstrap": bootstrap.bootstrap,
    "bring-up": bring_up.bring_up,
    "parity": parity.parity,
    "rehearse": rehearse.rehearse,
    "prerequisites": prerequisites.prerequisites,
    "recovery": recovery.recovery,
    "promote": promote.promote,
    "report": report.report,
    "rollout": rollout.rollout,
    "ci": ci.ci,
    "list": list_.list_,
    "schema": schema.schema,
    "doctor": doctor.doctor,
    "upgrade": upgrade.upgrade,
}

GROUPS: dict[str, typer.Typer] = {
    "charts": charts.group,
    "images": images.group,
    "schemas": schemas.group,
    "tools": tools.group,
}
