"""Writes programs that answer in kubeconform's place, honestly or not."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aurora.tools.kubeconform import Document

INVALID = "problem validating schema. Check JSON formatting: jsonschema validation failed with 'file:///s#' - at '': "


def program(folder: Path, body: str) -> Path:
    """Write a Python program and make it executable."""
    path = folder / "kubeconform"
    path.write_text(f"#!{sys.executable} -IS\nimport os, signal, sys, time\n{body}\n")
    path.chmod(0o755)
    return path


def answering(folder: Path, output: str, *, code: int = 1) -> Path:
    """Write a program that prints a text and ends with a code."""
    return program(folder, f"sys.stdout.write({output!r})\nsys.exit({code})")


def honest(documents: Sequence[Document]) -> dict[str, Any]:
    """Give the output of a tool that finds every planted violation and nothing else."""
    rows = [row(document) for document in documents]
    return {"resources": rows, "summary": summary(rows)}


def row(document: Document) -> dict[str, Any]:
    """Give the row of one document."""
    found: dict[str, Any] = {
        "filename": document.file,
        "kind": document.kind,
        "name": document.shown_name,
        "version": document.api_version,
        "status": "statusValid",
        "msg": "",
    }
    if document.planted is not None:
        found["status"] = "statusInvalid"
        found["msg"] = f"{INVALID}additional properties {document.planted} not allowed"
        found["validationErrors"] = [{"path": "", "msg": f"additional properties {document.planted} not allowed"}]
    return found


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Count rows as the tool does."""
    statuses = {"valid": "statusValid", "invalid": "statusInvalid", "errors": "statusError", "skipped": "statusSkipped"}
    return {name: sum(row["status"] == status for row in rows) for name, status in statuses.items()}


def shown(output: dict[str, Any]) -> str:
    """Print an output as the tool does."""
    return json.dumps(output, indent=2) + "\n"


_READER = """
import json
files = [argument for argument in sys.argv if argument.endswith(".yaml")]
rows = []
for file in files:
    text = open(file, encoding="utf-8").read()
    body = json.loads(text)
    meta = body["metadata"]
    row = {
        "filename": file, "kind": body["kind"], "version": body["apiVersion"], "status": "statusValid", "msg": "",
        "name": meta["generateName"] + "{{ generateName }}" if meta.get("generateName") else meta.get("name", ""),
    }
    if meta.get("name") == "aurora-planted":
        row["status"] = "statusInvalid"
        row["msg"] = "'auroraPlanted' '/metadata/labels' '/data': got array, already set"
    rows.append(row)
"""
_PRINTER = """
names = {"valid": "statusValid", "invalid": "statusInvalid", "errors": "statusError", "skipped": "statusSkipped"}
summary = {name: sum(row["status"] == status for row in rows) for name, status in names.items()}
print(json.dumps({"resources": rows, "summary": summary}))
sys.exit(1 if summary["invalid"] or summary["errors"] else 0)
"""


def reading(folder: Path, twist: str = "") -> Path:
    """Write a program that reads documents in JSON, finds the planted ones, and then lets `twist` change its `rows`."""
    return program(folder, f"{_READER}{twist}\n{_PRINTER}")
