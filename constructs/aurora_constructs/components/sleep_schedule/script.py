"""The script that scales Deployments: it runs in a pod, not here."""

from aurora_constructs.api_script import CLIENT
from aurora_constructs.scripts import Script

SCALE = Script(
    file_name="scale.py",
    volume="script",
    suffix="scale",
    mount_path="/scripts",
    mode=0o444,
    text=f'''\
"""Takes Deployments to zero pods, or wakes those that have none.

Usage: scale.py NAMESPACE sleep|wake NAME=PODS...

Waking leaves alone what has pods: its autoscaler, or somebody who worked late, has decided. At zero a
HorizontalPodAutoscaler does nothing.
"""

import sys

{CLIENT}

def main(api, namespace, mode, *deployments):
    if mode not in ("sleep", "wake"):
        raise SystemExit(f"{{mode}} is neither sleep nor wake")
    gone = []
    for entry in deployments:
        name, _, pods = entry.partition("=")
        path = f"/apis/apps/v1/namespaces/{{namespace}}/deployments/{{name}}/scale"
        found = api.ask("GET", path)
        if found is None:
            gone.append(name)
            continue
        now = found.get("spec", {{}}).get("replicas", 0)
        wanted = 0 if mode == "sleep" else now or int(pods)
        if wanted != now:
            api.ask("PATCH", path, {{"spec": {{"replicas": wanted}}}}, kind="application/merge-patch+json")
        print(json.dumps({{"deployment": name, "before": now, "after": wanted}}))
    if gone:
        raise SystemExit("there is no Deployment " + ", ".join(gone))


if __name__ == "__main__":
    main(in_cluster(), *sys.argv[1:])
''',
)
