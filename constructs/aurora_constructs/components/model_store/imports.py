"""Brings versions into the model store that no run of the environment trains, so that an empty store comes up.

The script runs in a pod, not here; it needs nothing but Python's standard library.
"""

import json

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, pods, services
from aurora_constructs.component import Component
from aurora_constructs.components.model_store import mounting
from aurora_constructs.components.model_store.spec import Fetched, ModelStoreSpec
from aurora_constructs.scripts import Script
from aurora_contract import programs, store, variables

RETRIES, DEADLINE = 5, 3600

_TEXT = '''\
"""Fetches versions of models that the store lacks: each at once and whole, or not at all.

Usage: import.py ROOT, with a JSON list of {model, version, uri, sha256} in IMPORTED_VERSIONS.
A version that is there is not touched, so this may run at every sync.
"""

import hashlib
import json
import os
import pathlib
import shutil
import sys
import tempfile
import urllib.request

CHUNK = 1024 * 1024
SECONDS = 60


def main(root, versions):
    os.umask(0o027)
    for wanted in versions:
        folder = root / wanted["model"] / "@VERSIONS@"
        target = folder / wanted["version"]
        if not (target / "@METADATA@").is_file():
            fetch(wanted, folder, target)
            print(f"{target}: imported")


def fetch(wanted, folder, target):
    folder.mkdir(parents=True, exist_ok=True)
    partial = pathlib.Path(tempfile.mkdtemp(prefix=".import-", dir=folder))
    try:
        actual = copy(wanted["uri"], partial / "@ARTIFACT@")
        if actual != wanted["sha256"]:
            fail(f"{wanted['uri']} has SHA-256 {actual}, not {wanted['sha256']}")
        metadata = {key: wanted[key] for key in ("model", "version", "sha256")} | {"origin": wanted["uri"]}
        write(partial / "@METADATA@", json.dumps(metadata, sort_keys=True).encode())
        partial.chmod(0o750)
        if target.exists():
            shutil.rmtree(target)
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def copy(uri, target):
    digest = hashlib.sha256()
    with urllib.request.urlopen(uri, timeout=SECONDS) as reader, target.open("wb") as writer:
        while chunk := reader.read(CHUNK):
            digest.update(chunk)
            writer.write(chunk)
        writer.flush()
        os.fsync(writer.fileno())
    return digest.hexdigest()


def write(path, content):
    with path.open("wb") as writer:
        writer.write(content)
        writer.flush()
        os.fsync(writer.fileno())


def fail(reason):
    raise SystemExit(f"model import: {reason}")


if __name__ == "__main__":
    try:
        main(pathlib.Path(sys.argv[1]), json.loads(os.environ["IMPORTED_VERSIONS"]))
    except (OSError, ValueError, KeyError) as error:
        fail(f"{type(error).__name__}: {error}")
'''

IMPORT = Script(
    file_name="import.py",
    volume="script",
    suffix="import",
    mount_path="/scripts",
    mode=0o444,
    text=_TEXT.replace("@ARTIFACT@", store.ARTIFACT)
    .replace("@METADATA@", store.METADATA)
    .replace("@VERSIONS@", store.VERSIONS),
)


def imported(owner: Component[ModelStoreSpec], image: str) -> None:
    """Add the Job that fetches what the store lacks, and the way out for its pod alone; nothing where nothing is."""
    spec, name = owner.spec, f"{owner.object_name}-import"
    wanted = [
        {"model": model, "version": version, "uri": origin.uri, "sha256": origin.sha256}
        for model, version, origin in spec.declared()
        if isinstance(origin, Fetched)
    ]
    if not wanted:
        return
    selector = labels.selector(name, labels.STORAGE)
    IMPORT.add_config_map(owner, owner.object_name)
    services.flows(owner, name, selector, ingress=[], egress=services.outside(spec.egress))
    services.batch_job(
        owner,
        "import",
        metadata=owner.meta(name, annotations={labels.HOOK: "Sync", labels.HOOK_DELETE_POLICY: "BeforeHookCreation"}),
        pod=pods.PodSpec(
            labels=owner.pod_labels(selector),
            service_account=owner.object_name,
            restart_policy="Never",
            containers=[
                pods.ContainerSpec(
                    name=programs.IMPORT.container,
                    image=image,
                    resources=spec.resources,
                    command=IMPORT.command,
                    args=[store.ROOT],
                    env=[k8s.EnvVar(name=variables.IMPORTED_VERSIONS, value=json.dumps(wanted, sort_keys=True))],
                    mounts=[mounting.mount(read_only=False), IMPORT.mount()],
                )
            ],
            volumes=[mounting.volume(spec, read_only=False), IMPORT.pod_volume(owner.object_name)],
        ),
        retries=RETRIES,
        deadline=DEADLINE,
    )
