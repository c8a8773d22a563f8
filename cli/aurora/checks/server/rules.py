"""Everything that server validation and Pod Security may find.

The Go program decides; these values explain. `docs/protocol.md` lists the same ids.
"""

from __future__ import annotations

from aurora.model.finding import Severity
from aurora.model.rule import Rule

_POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
  containers:
    - name: web
      image: registry.example.com/web:v1
      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
%s"""
_NAMESPACE = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {%s}}\n"
_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {%s}\n%s"
_SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: %s}]}
"""
_BUDGET = "apiVersion: policy/%s\nkind: PodDisruptionBudget\nmetadata: {name: web, namespace: shop}\n"
_SLICE = "apiVersion: v1\nkind: %s\nmetadata: {name: web, namespace: shop}\n"
_ADMISSION = """\
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: named}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
  validations: [{expression: object.metadata.name.startsWith("team-"), message: say the team}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: named}
spec: {policyName: named, validationActions: [Deny]}
"""
_CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Thing, listKind: ThingList, plural: things, singular: thing}
%s  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object}}
"""
_GOOD = _MAP % ("name: web, namespace: shop", "data: {a: b}\n")


def _rule(
    name: str, summary: str, why: str, *, bad: str, good: str = _GOOD, severity: Severity = Severity.ERROR
) -> Rule:
    return Rule(id=name, severity=severity, summary=summary, why=why, bad=bad, good=good)


SERVER_RULES: tuple[Rule, ...] = (
    _rule(
        "server/create-refused",
        "an object that the API server refuses",
        "Schemas say how a manifest is shaped; only the server's code knows whether it is accepted.",
        bad=_SERVICE % 70000,
        good=_SERVICE % 80,
    ),
    _rule(
        "server/unknown-field",
        "a field that the API server drops",
        "A misspelt field does nothing, and Argo CD shows it as out of sync for ever.",
        bad=_MAP % ("name: web, namespace: shop", "dta: {a: b}\n"),
    ),
    _rule(
        "server/duplicate-field",
        "a field that is written twice",
        "The server keeps one of the two, and readers may keep the other.",
        bad='{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web", "namespace": "shop"}}\n'
        "# duplicate keys never come this far: `yaml/broken` refuses the document\n",
    ),
    _rule(
        "server/malformed",
        "an object that cannot be decoded",
        "A value of the wrong type makes the server refuse the whole object.",
        bad=_MAP % ("name: web, namespace: shop", "data: [a]\n"),
    ),
    _rule(
        "server/unknown-kind",
        "a kind that a group of Kubernetes itself does not have",
        "The server answers that it has no such resource.",
        bad=_SLICE % "ConfigMapp",
    ),
    _rule(
        "server/not-served",
        "a version that the server no longer serves",
        "Removed versions are refused, however right the object is.",
        bad=_BUDGET % "v1beta1",
        good=_BUDGET % "v1",
    ),
    _rule(
        "server/not-stored",
        "a kind that cannot be created from a manifest",
        "Requests such as reviews are answered, not stored: in Git they mean nothing.",
        bad="apiVersion: authentication.k8s.io/v1\nkind: TokenReview\nmetadata: {name: web}\nspec: {token: a}\n",
    ),
    _rule(
        "server/deprecated",
        "a version that the server will stop serving",
        "It warns today and refuses after an upgrade.",
        bad=_SLICE % "Endpoints",
        severity=Severity.WARNING,
    ),
    _rule(
        "server/warning",
        "something that the server accepts with a warning",
        "The server's authors know it for a mistake.",
        bad=_POD % "  nodeSelector: {beta.kubernetes.io/os: linux}\n",
        good=_POD % "",
        severity=Severity.WARNING,
    ),
    _rule(
        "server/generate-name",
        "a name that the server would make up",
        "Every sync would make another object.",
        bad=_MAP % ("generateName: web-, namespace: shop", ""),
        severity=Severity.WARNING,
    ),
    _rule(
        "server/drift",
        "a field that the server changes or drops",
        "Argo CD would show the object as out of sync although nothing is wrong with it.",
        bad=_CRD % "  preserveUnknownFields: false\n",
        good=_CRD % "",
        severity=Severity.WARNING,
    ),
    _rule(
        "server/admission-denied",
        "an object that an admission policy of the input refuses",
        "The policy comes into the cluster with the object, and refuses it there.",
        bad=_MAP % ("name: web, namespace: shop", "") + _ADMISSION,
        good=_MAP % ("name: team-web, namespace: shop", "") + _ADMISSION,
    ),
    _rule(
        "server/update-refused",
        "a change that the API server refuses",
        "Some fields cannot change once the object exists: the sync fails until somebody deletes it.",
        bad=_SERVICE % 80 + "# with `--old`: the Service had another spec.clusterIP\n",
        good=_SERVICE % 80,
    ),
    _rule(
        "server/unjudged",
        "an object without a verdict",
        "The server's code could not judge it: that is no pass.",
        bad="apiVersion: nobody.example.com/v1\nkind: Thing\nmetadata: {name: web, namespace: shop}\n",
    ),
    _rule(
        "server/version-skew",
        "a cluster of another minor version than the linked code",
        "Objects are judged all the same; a rule that came or went between the versions is judged wrongly.",
        bad="# an environment with cluster.kubernetes other than the linked version\n",
        severity=Severity.NOTE,
    ),
)

POD_SECURITY_RULES: tuple[Rule, ...] = (
    _rule(
        "pod-security/enforce",
        "a pod that its namespace refuses",
        "A Deployment is stored all the same and then makes no pods.",
        bad=_POD % "  hostNetwork: true\n" + _NAMESPACE % "pod-security.kubernetes.io/enforce: restricted",
        good=_POD % "" + _NAMESPACE % "pod-security.kubernetes.io/enforce: restricted",
    ),
    _rule(
        "pod-security/warn",
        "a pod below the level that its namespace warns of",
        "It runs, and would not if the namespace were raised to that level.",
        bad=_POD % "  hostNetwork: true\n" + _NAMESPACE % "pod-security.kubernetes.io/warn: restricted",
        good=_POD % "" + _NAMESPACE % "pod-security.kubernetes.io/warn: restricted",
        severity=Severity.WARNING,
    ),
    _rule(
        "pod-security/audit",
        "a pod below the level that its namespace records",
        "It runs, and the audit log says so.",
        bad=_POD % "  hostNetwork: true\n" + _NAMESPACE % "pod-security.kubernetes.io/audit: restricted",
        good=_POD % "" + _NAMESPACE % "pod-security.kubernetes.io/audit: restricted",
        severity=Severity.NOTE,
    ),
    _rule(
        "pod-security/namespace-labels",
        "a Pod Security label that means nothing",
        "A misspelt level is refused, or leaves the namespace open.",
        bad=_POD % "" + _NAMESPACE % "pod-security.kubernetes.io/enforce: strict",
        good=_POD % "" + _NAMESPACE % "pod-security.kubernetes.io/enforce: restricted",
    ),
)
