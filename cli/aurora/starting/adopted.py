"""The environment of a repository that begins with the manifests which are there, and nothing else."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from aurora import exports, inputs, manifests
from aurora.environment.load import SYSTEM_NAMESPACES
from aurora.errors import InputError, StorageError, UsageError
from aurora.model.finding import Severity
from aurora.model.manifest import Manifest
from aurora.starting import examples
from aurora.starting.answers import Answers
from aurora.yamlio import writing

COMPONENT = "workloads"
FOLDER = f"components/{COMPONENT}"
PROVIDERS = {"bare-metal": "bare-metal", "aks": "aks"}
"""The platforms that are not on EKS."""
_ISSUER = f"https://westeurope.oic.prod-aks.azure.com/{examples.GUID}/{examples.GUID}/"
_CLOUD = {
    "bare-metal": "",
    "eks": f"""\
  name: {{name}}  {examples.MARK}
  region: eu-central-1  {examples.MARK}
  account: "{examples.ACCOUNT}"  {examples.MARK}
  identity: {{{{type: pod-identity}}}}
""",
    "aks": f"""\
  name: {{name}}  {examples.MARK}
  resourceGroup: {{name}}  {examples.MARK}
  subscription: {examples.GUID}  {examples.MARK}
  tenant: {examples.GUID}  {examples.MARK}
  identity: {{{{oidcIssuer: "{_ISSUER}"}}}}  {examples.MARK}
""",
}
_EXPORTED = "# Read from a cluster: without what the server sets, and without objects that controllers make.\n"
_ENVIRONMENT = """\
# yaml-language-server: $schema=environment.schema.json
apiVersion: aurora/v1
kind: Environment
metadata: {{name: {name}}}
# Facts of the cluster. Every line that ends with `{mark}` waits for yours.
cluster:
  provider: {provider}
  kubernetes: "1.35"
  domain: {domain}
  apiServerCidrs: [192.0.2.0/29]  {mark}
{cloud}gitops: {{repository: "{repository}", revision: main}}
names: {{labelPrefix: {domain}, apiGroup: {group}}}
externals:
  argocd: {{kind: Namespace, name: argocd, reason: Argo CD was there before}}
  argocd-settings: {{kind: ConfigMap, namespace: argocd, name: argocd-cm, reason: Argo CD was there before}}
{namespaces}components:
  # The folder components/{component}, as it is; more components come beside it.
  {component}:
    kind: Manifests
"""


def files(answers: Answers) -> dict[str, bytes]:
    """Give the environment and the copied manifests: byte for byte, or without what a cluster added to them.

    Raises:
        UsageError: there is no such folder, or no manifest in it.
        InputError: a manifest cannot be read; it carries every finding.
        StorageError: a file cannot be read.
    """
    folder = Path(answers.manifests or "")
    if not folder.is_dir():
        raise UsageError(f"--from: `{folder}` is no folder", hint="name the folder in which the manifests are")
    read = inputs.read(str(folder))
    broken = [finding for finding in read.findings if finding.severity is Severity.ERROR]
    if broken:
        hint = "correct them first: what cannot be read cannot be proved"
        raise InputError(f"--from: manifests in `{folder}` cannot be read", findings=broken, hint=hint)
    read = exports.adopted(read)
    described = {each.id.name for each in read.manifests if each.id.kind == "Namespace"}
    used = {each.id.namespace for each in read.manifests if each.id.namespace}
    outside = sorted(used - described - SYSTEM_NAMESPACES - {"argocd"})
    rows = "".join(f"  {name}: {{kind: Namespace, name: {name}, reason: it was there before}}\n" for name in outside)
    provider = PROVIDERS.get(answers.platform, "eks")
    text = _ENVIRONMENT.format(
        name=answers.name,
        mark=examples.MARK,
        provider=provider,
        domain=answers.domain,
        cloud=_CLOUD[provider].format(name=answers.name),
        repository=answers.repository,
        group=answers.api_group,
        namespaces=rows,
        component=COMPONENT,
    )
    return {f"environments/{answers.name}.yaml": examples.marked(text).encode(), **_copies(folder, read.manifests)}


def _copies(folder: Path, kept: Iterable[Manifest]) -> dict[str, bytes]:
    """Copy the files; those that hold exports are written anew, with what is kept of them."""
    left: dict[str, list[str]] = defaultdict(list)
    for manifest in kept:
        left[manifest.source.path].append(writing.dump(manifest.body))
    found: dict[str, bytes] = {}
    for file in inputs.listing(folder).files:
        content = _content(file)
        if any(map(exports.is_export, manifests.read(content, str(file)).manifests)):
            content = "---\n".join([_EXPORTED, *left[str(file)]]).encode() if left[str(file)] else b""
            file = Path(f"{file}.yaml") if file.suffix == ".json" else file  # noqa: PLW2901 - what is written is YAML
        if content:
            found[f"{FOLDER}/{file.relative_to(folder).as_posix()}"] = content
    return found


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise StorageError(f"`{error.filename}` cannot be read: {error.strerror}") from error
