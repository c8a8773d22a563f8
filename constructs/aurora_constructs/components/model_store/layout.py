"""The script that lays out the model store, as a text: it runs in a pod, not here. Pure; imports no cdk8s."""

from __future__ import annotations

from aurora_constructs.components.model_store.spec import REGISTRY

SCRIPT_NAME = "layout.sh"

SCRIPT = f"""\
#!/bin/sh
# Creates the folders of the model store and touches nothing that exists, so it may run at every sync.
# Usage: {SCRIPT_NAME} ROOT MODEL...
set -eu
umask 0027
root=$1
shift
mkdir -p "$root/{REGISTRY}"
for model in "$@"; do
  mkdir -p "$root/$model/versions" "$root/$model/aliases"
  if [ ! -w "$root/$model/versions" ]; then
    echo "cannot write to $root/$model/versions" >&2
    exit 1
  fi
done
"""
