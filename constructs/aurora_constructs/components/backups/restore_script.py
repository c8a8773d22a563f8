"""The script that tries a restore: it runs in a pod, not here."""

from aurora_constructs.api_script import CLIENT
from aurora_constructs.scripts import Script

RESOURCES = {
    "configmaps": "/api/v1",
    "deployments": "/apis/apps/v1",
    "networkpolicies": "/apis/networking.k8s.io/v1",
}
"""What is restored, by where the API server has it: objects that start nothing while no pod may run."""

RESTORE_CHECK = Script(
    file_name="restore_check.py",
    volume="script",
    suffix="restore-check",
    mount_path="/scripts",
    mode=0o444,
    text=f'''\
"""Restores the newest backup of a schedule into another namespace and compares it with what is there now.

Usage: restore_check.py VELERO SCHEDULE NAMESPACE SCRATCH OLDEST_SECONDS VOLUMES

Checked: that the newest backup is complete and young enough, that Velero can read it and restore of it, that no
object which was there before it is missing, and that those which nobody changed since are the same. Of volumes, only
that each was copied whole: their content is not read.
"""

import datetime
import sys
import time

{CLIENT}
RESOURCES = {RESOURCES!r}
COPIES = {{"files": ("velero.io/v1", "podvolumebackups"), "moved": ("velero.io/v2alpha1", "datauploads")}}
ENDS = ("Completed", "PartiallyFailed", "Failed", "FailedValidation")
OF_THE_CLUSTER = ("kube-root-ca.crt",)
CHANGED_BY_OTHERS = ("replicas",)
RESTORED = "velero.io/restore-name"
WAIT_SECONDS = 5


def main(api, velero, schedule, namespace, scratch, oldest, volumes, pause=time.sleep, now=time.time):
    clear(api, scratch)
    restore = begin(api, velero, schedule, namespace, scratch)
    try:
        ended = wait(api, velero, restore, pause)
        return judge(api, velero, ended, namespace, scratch, float(oldest), volumes, now())
    finally:
        clear(api, scratch)
        api.ask("DELETE", f"/apis/velero.io/v1/namespaces/{{velero}}/restores/{{restore}}")


def begin(api, velero, schedule, namespace, scratch):
    spec = {{
        "scheduleName": schedule,
        "includedNamespaces": [namespace],
        "includedResources": sorted(RESOURCES),
        "namespaceMapping": {{namespace: scratch}},
        "includeClusterResources": False,
        "restorePVs": False,
    }}
    metadata = {{"generateName": f"check-{{schedule}}-", "namespace": velero}}
    body = {{"apiVersion": "velero.io/v1", "kind": "Restore", "metadata": metadata, "spec": spec}}
    return api.ask("POST", f"/apis/velero.io/v1/namespaces/{{velero}}/restores", body)["metadata"]["name"]


def wait(api, velero, restore, pause):
    """Wait for the end of a restore; the Job's deadline ends the waiting."""
    while True:
        found = api.ask("GET", f"/apis/velero.io/v1/namespaces/{{velero}}/restores/{{restore}}")
        if found is None:
            raise SystemExit(f"somebody deleted the restore {{restore}}")
        if found.get("status", {{}}).get("phase") in ENDS:
            return found
        pause(WAIT_SECONDS)


def judge(api, velero, restore, namespace, scratch, oldest, volumes, now):
    """Give what is wrong, in words."""
    status = restore["status"]
    if status["phase"] != "Completed":
        reasons = status.get("validationErrors") or [status.get("failureReason", "see `velero restore logs`")]
        return [f"the restore ended as {{status['phase']}}: {{'; '.join(reasons)}}"]
    name = restore["spec"]["backupName"]
    backup = api.ask("GET", f"/apis/velero.io/v1/namespaces/{{velero}}/backups/{{name}}")
    if backup is None:
        return [f"the backup {{name}} is gone"]
    start = moment(backup["status"]["startTimestamp"])
    problems = []
    if now - start > oldest:
        age, most = round((now - start) / 60), round(oldest / 60)
        problems.append(f"the newest backup {{name}} is {{age}} minutes old, more than {{most}}")
    problems += of_volumes(api, velero, name, backup["status"], volumes)
    compared = 0
    for resource, group in sorted(RESOURCES.items()):
        live, restored = (listed(api, group, where, resource) for where in (namespace, scratch))
        for key, body in sorted(live.items()):
            if key in OF_THE_CLUSTER or body["metadata"].get("ownerReferences"):
                continue
            if moment(body["metadata"]["creationTimestamp"]) >= start:
                continue
            if key in restored and RESTORED not in restored[key]["metadata"].get("labels", {{}}):
                continue  # it was there before, and Velero leaves it alone
            compared += 1
            if key not in restored:
                problems.append(f"{{resource}} {{key}} is not in the backup {{name}}")
            elif changed(body) < start and content(body) != content(restored[key]):
                problems.append(f"{{resource}} {{key}} differs from the backup {{name}}, and nobody changed it since")
    if not compared:
        problems.append(f"the backup {{name}} has nothing of {{namespace}} to compare")
    print(json.dumps({{"backup": name, "compared": compared, "problems": problems}}))
    return problems


def of_volumes(api, velero, backup, status, volumes):
    if volumes == "snapshots":
        tried, done = (status.get("csiVolumeSnapshots" + end, 0) for end in ("Attempted", "Completed"))
        return [] if tried and tried == done else [f"{{done}} of {{tried}} snapshots of volumes are complete"]
    if volumes not in COPIES:
        return []
    version, resource = COPIES[volumes]
    path = f"/apis/{{version}}/namespaces/{{velero}}/{{resource}}?labelSelector=velero.io%2Fbackup-name%3D{{backup}}"
    copies = (api.ask("GET", path) or {{}}).get("items", [])
    wrong = [each["metadata"]["name"] for each in copies if not whole(each.get("status", {{}}))]
    if not copies:
        return [f"the backup {{backup}} has no copy of a volume: no running pod mounted one"]
    return [f"the copy {{each}} of a volume is not complete" for each in wrong]


def whole(status):
    progress = status.get("progress", {{}})
    return status.get("phase") == "Completed" and progress.get("bytesDone", 0) == progress.get("totalBytes", 0)


def listed(api, group, namespace, resource):
    found = api.ask("GET", f"{{group}}/namespaces/{{namespace}}/{{resource}}") or {{}}
    return {{body["metadata"]["name"]: body for body in found.get("items", [])}}


def content(body):
    kept = {{key: value for key, value in body.items() if key in ("data", "binaryData", "spec")}}
    if "spec" in kept:
        kept["spec"] = {{key: value for key, value in kept["spec"].items() if key not in CHANGED_BY_OTHERS}}
    return kept


def changed(body):
    """Give when somebody last changed an object, its status left out."""
    fields = body["metadata"].get("managedFields", [])
    times = [moment(each["time"]) for each in fields if each.get("time") and not each.get("subresource")]
    return max(times, default=moment(body["metadata"]["creationTimestamp"]))


def clear(api, scratch):
    for resource, group in sorted(RESOURCES.items()):
        for name, body in sorted(listed(api, group, scratch, resource).items()):
            if RESTORED in body["metadata"].get("labels", {{}}):
                api.ask("DELETE", f"{{group}}/namespaces/{{scratch}}/{{resource}}/{{name}}")


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


if __name__ == "__main__":
    found = main(in_cluster(), *sys.argv[1:])
    if found:
        raise SystemExit("\\n".join(found))
''',
)
