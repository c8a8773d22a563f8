"""Figures of the page and the comment of a diff: 1,000 Deployments with new images, no two of them alike.

As a program, makes both once in this process and prints its seconds and sizes as JSON; reading the modules counts.
"""

import json
import sys
import time

from aurora.model.change import Change, Effect, FieldChange
from aurora.model.diff import Diff, Fold
from aurora.model.manifest import Manifest
from measuring import Figure, stage

COUNT = 1000
_OLD, _NEW = "v1.0.0@sha256:" + "a" * 64, "v1.1.{}@sha256:" + "b" * 64


def figures() -> list[Figure]:
    """Measure processes that write the diff of many changes."""
    found = stage("pages.py", "write", COUNT)
    return [
        Figure(f"HTML page of a diff, {COUNT:,} changes", found["page_seconds"], "s", 2.0),
        Figure("size of that page", found["page_megabytes"], "MB", 5.0),
        Figure(f"Markdown comment of a diff, {COUNT:,} changes", found["comment_seconds"], "s", None),
        Figure("size of that comment", found["comment_bytes"], "B", 65_536),
    ]


def changed(count: int) -> Diff:
    """Give a diff in which every Deployment of a fleet has an image of its own."""
    from stages import compiled  # noqa: PLC0415 - only the process that is measured compiles a fleet

    deployments = [entry for entry in compiled(count).manifests if entry.id.kind == "Deployment"]
    changes = tuple(_change(entry, number) for number, entry in enumerate(deployments))
    if len(changes) != count:
        raise SystemExit(f"{count} changes were wanted, {len(changes)} came out")
    folds = tuple(Fold(changes=(change,)) for change in changes)
    return Diff(base="base", head="head", changes=changes, folds=folds, objects_before=count, objects_after=count)


def _change(before: Manifest, number: int) -> Change:
    image = _NEW.format(number)
    after = Manifest(id=before.id, body=before.body, text=before.text.replace(_OLD, image), source=before.source)
    if after.text == before.text:
        raise SystemExit("the fleet's image is not where it is looked for")
    field = FieldChange(
        pointer="/spec/template/spec/containers/0/image",
        path="spec.template.spec.containers[name=service].image",
        before=_OLD,
        after=image,
    )
    return Change(
        resource=before.id,
        effect=Effect.ROLLING_RESTART,
        rule="workload/pod-template",
        reason="the pod template changes: pods are replaced one after another",
        environment=before.environment,
        component=before.component,
        before=before,
        after=after,
        fields=(field,),
        origin=before.origin,
    )


def write(count: int) -> dict[str, float]:
    """Write both once and tell how long it took and how large they are."""
    diff = changed(count)
    started = time.monotonic()
    from aurora.reporters.html import diff_page  # noqa: PLC0415 - reading the modules is part of the wait

    page = diff_page.write(diff)
    turned = time.monotonic()
    from aurora.reporters import diff_markdown  # noqa: PLC0415 - as above

    comment = diff_markdown.write(diff)
    return {
        "page_seconds": turned - started,
        "page_megabytes": len(page.encode()) / 1e6,
        "comment_seconds": time.monotonic() - turned,
        "comment_bytes": len(comment.encode()),
    }


if __name__ == "__main__":
    print(json.dumps(write(int(sys.argv[2]))))
