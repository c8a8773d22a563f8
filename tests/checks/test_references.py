"""Facts about the check `references` what objects name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from aurora.checks.references import CHECK
from aurora.model.finding import Severity
from aurora.model.inventory import External, Inventory
from checks.inventory_cases import assert_findings_point_at_fields, hostile, judge, pointers

KEY_READER = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: web, env: [{name: K, valueFrom: {secretKeyRef: {name: db, key: password}}}]}]}
"""
EXTERNAL = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: db, namespace: shop}\nspec: %s\n"


def pod(spec: str) -> str:
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: web, namespace: shop}}\nspec: {spec}\n"


def rules(*streams: str, closed: bool = True, externals: tuple[External, ...] = ()) -> set[str]:
    return {finding.rule for finding in judge(CHECK, *streams, closed=closed, externals=externals)}


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param("{containers: [{name: a, envFrom: [{configMapRef: {name: x, optional: true}}]}]}", id="envFrom"),
        pytest.param(
            "{containers: [{name: a, env: [{name: K, valueFrom: {secretKeyRef: {name: x, key: k, optional: true}}}]}]}",
            id="env",
        ),
        pytest.param("{volumes: [{name: v, secret: {secretName: x, optional: true}}]}", id="volume"),
        pytest.param(
            "{volumes: [{name: v, projected: {sources: [{configMap: {name: x, optional: true}}]}}]}", id="projected"
        ),
        pytest.param("{volumes: [{name: v, configMap: {name: kube-root-ca.crt}}]}", id="in every namespace"),
        pytest.param("{serviceAccountName: default}", id="the default account"),
        pytest.param("{priorityClassName: system-node-critical}", id="a priority of every cluster"),
    ],
)
def test_what_may_be_absent_or_is_always_there_is_not_missed(spec: str) -> None:
    assert rules(pod(spec)) == {"references/namespace"}


@pytest.mark.parametrize(
    ("spec", "rule", "pointer"),
    [
        ("{serviceAccount: web}", "service-account", "/spec/serviceAccount"),
        ("{imagePullSecrets: [{name: pull}]}", "secret", "/spec/imagePullSecrets/0/name"),
        (
            "{initContainers: [{name: a, envFrom: [{secretRef: {name: x}}]}]}",
            "secret",
            "/spec/initContainers/0/envFrom/0/secretRef/name",
        ),
        (
            "{volumes: [{name: v, projected: {sources: [{}, {secret: {name: x}}]}}]}",
            "secret",
            "/spec/volumes/0/projected/sources/1/secret/name",
        ),
        (
            "{volumes: [{name: v, csi: {driver: d, nodePublishSecretRef: {name: x}}}]}",
            "secret",
            "/spec/volumes/0/csi/nodePublishSecretRef/name",
        ),
        ("{volumes: [{name: v, azureFile: {secretName: x}}]}", "secret", "/spec/volumes/0/azureFile/secretName"),
        ("{volumes: [{name: v, configMap: {name: x}}]}", "config-map", "/spec/volumes/0/configMap/name"),
    ],
)
def test_every_field_that_names_an_object_is_read(spec: str, rule: str, pointer: str) -> None:
    assert pointers(judge(CHECK, pod(spec)), f"references/{rule}") == [pointer]


def test_pods_inside_cron_jobs_are_found_with_their_whole_path() -> None:
    cron_job = (
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: nightly, namespace: shop}\n"
        "spec: {jobTemplate: {spec: {template: {spec: {serviceAccountName: web}}}}}\n"
    )
    found = judge(CHECK, cron_job)
    assert pointers(found, "references/service-account") == ["/spec/jobTemplate/spec/template/spec/serviceAccountName"]


def test_an_external_object_counts_as_there_in_its_namespace_only() -> None:
    account = pod("{serviceAccountName: web}")
    assert "references/service-account" not in rules(
        account, externals=(External("", "ServiceAccount", "shop", "web"),)
    )
    assert "references/service-account" in rules(account, externals=(External("", "ServiceAccount", "other", "web"),))


def test_an_object_without_a_namespace_lies_in_default() -> None:
    account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web}\n"
    user = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: default}\nspec: {serviceAccountName: web}\n"
    assert "references/service-account" not in rules(account, user)
    assert "references/service-account" not in rules(account, user.replace(", namespace: default", ""))


def test_what_is_absent_from_a_part_of_a_repository_is_a_warning() -> None:
    findings = judge(CHECK, pod("{serviceAccountName: web}"), closed=False)
    assert {finding.severity for finding in findings} == {Severity.WARNING}


def test_a_misspelt_name_is_named_in_the_hint() -> None:
    account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: inference, namespace: shop}\n"
    findings = judge(CHECK, account, pod("{serviceAccountName: inferense}"))
    hints = [finding.hint or "" for finding in findings if finding.rule == "references/service-account"]
    assert hints and "`inference`" in hints[0]


PROVIDERS = [
    pytest.param(EXTERNAL % "{data: [{secretKey: password}]}", True, id="its own name"),
    pytest.param(EXTERNAL % "{target: {name: other}, data: [{secretKey: password}]}", False, id="another target"),
    pytest.param(EXTERNAL % "{target: {creationPolicy: Merge}}", False, id="a target that must exist"),
    pytest.param(EXTERNAL % "{target: {creationPolicy: Orphan}, data: [{secretKey: password}]}", True, id="orphaned"),
    pytest.param(
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, namespace: shop}\n"
        "spec: {encryptedData: {password: x}}\n",
        True,
        id="sealed",
    ),
    pytest.param(
        "apiVersion: external-secrets.io/v1\nkind: ClusterExternalSecret\nmetadata: {name: db}\n",
        True,
        id="in namespaces by label",
    ),
    pytest.param(
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: db, namespace: other}\nspec: {}\n",
        False,
        id="in another namespace",
    ),
]


@pytest.mark.parametrize(("provider", "provided"), PROVIDERS)
def test_what_provides_a_secret(provider: str, provided: bool) -> None:
    assert ("references/secret" not in rules(KEY_READER, provider)) is provided


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("{tls: [{secretName: web-tls}]}", id="Ingress"),
        pytest.param("{listeners: [{tls: {certificateRefs: [{name: web-tls}]}}]}", id="Gateway"),
    ],
)
def test_cert_manager_makes_the_secrets_of_annotated_listeners(source: str) -> None:
    kind = (
        "networking.k8s.io/v1\nkind: Ingress" if "tls: [" in source else "gateway.networking.k8s.io/v1\nkind: Gateway"
    )
    plain = f"apiVersion: {kind}\nmetadata: {{name: web, namespace: shop}}\nspec: {source}\n"
    annotated = plain.replace("shop}", "shop, annotations: {cert-manager.io/cluster-issuer: le}}")
    assert "references/secret" in rules(plain)
    assert "references/secret" not in rules(annotated)
    assert "references/issuer" in rules(annotated)


@pytest.mark.parametrize(
    ("spec", "lacks"),
    [
        pytest.param("{data: [{secretKey: password}]}", False, id="fetched"),
        pytest.param("{data: [{secretKey: user}]}", True, id="not fetched"),
        pytest.param(
            "{data: [{secretKey: password}], target: {template: {data: {url: x}}}}", True, id="a template replaces"
        ),
        pytest.param(
            "{data: [{secretKey: password}], target: {template: {mergePolicy: Merge, data: {url: x}}}}",
            False,
            id="a template merges",
        ),
        pytest.param("{dataFrom: [{extract: {key: x}}]}", False, id="unknown until it is fetched"),
        pytest.param("{dataFrom: [{}], target: {template: {data: {url: x}}}}", True, id="fetched, but replaced"),
        pytest.param("{target: {template: {templateFrom: [{literal: x}]}}}", False, id="unknown until it is rendered"),
    ],
)
def test_which_keys_an_external_secret_has(spec: str, lacks: bool) -> None:
    found = judge(CHECK, KEY_READER, EXTERNAL % spec)
    expected = ["/spec/containers/0/env/0/valueFrom/secretKeyRef/key"] if lacks else []
    assert pointers(found, "references/secret-key") == expected


def test_a_certificate_gives_the_keys_of_tls_only() -> None:
    certificate = "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: c, namespace: shop}\nspec: %s\n"
    plain, with_store = "{secretName: db}", "{secretName: db, keystores: {jks: {create: true}}}"
    assert "references/secret-key" in rules(KEY_READER, certificate % plain)
    assert "references/secret-key" not in rules(KEY_READER, certificate % with_store)
    assert "references/secret-key" not in rules(
        KEY_READER.replace("key: password", "key: tls.crt"), certificate % plain
    )


def test_secrets_of_storage_classes_are_missed_unless_their_name_is_a_template() -> None:
    storage_class = (
        "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: models}\nprovisioner: x.example.com\n"
        "parameters: {csi.storage.k8s.io/node-stage-secret-name: node, "
        "csi.storage.k8s.io/node-stage-secret-namespace: %s}\n"
    )
    pointer = "/parameters/csi.storage.k8s.io~1node-stage-secret-name"
    assert pointers(judge(CHECK, storage_class % "rook"), "references/secret") == [pointer]
    assert rules(storage_class % "'${pvc.namespace}'") == set()


def test_accounts_and_credentials_of_stores_are_missed() -> None:
    store = (
        "apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata: {name: vault}\n"
        "spec: {provider: {vault: {auth: {kubernetes: {serviceAccountRef: {name: eso, namespace: x}, "
        "secretRef: {name: token, namespace: x}}}}}}\n"
    )
    at = "/spec/provider/vault/auth/kubernetes"
    assert pointers(judge(CHECK, store), "references/service-account") == [f"{at}/serviceAccountRef/name"]
    assert pointers(judge(CHECK, store), "references/secret") == [f"{at}/secretRef/name"]


@pytest.mark.parametrize("name", ["cluster-admin", "admin", "edit", "view", "system:auth-delegator"])
def test_cluster_roles_of_every_cluster_are_not_missed(name: str) -> None:
    binding = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\n"
        f"roleRef: {{kind: ClusterRole, name: '{name}'}}\nsubjects: [{{kind: Group, name: team}}]\n"
    )
    assert rules(binding) == set()


def test_a_role_of_another_namespace_is_no_role_of_a_binding() -> None:
    role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: web, namespace: other}\n"
    binding = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: web, namespace: shop}\n"
        "roleRef: {kind: Role, name: web}\n"
    )
    assert pointers(judge(CHECK, role, binding), "references/role") == ["/roleRef/name"]


@pytest.mark.parametrize(
    ("stream", "missed"),
    [
        pytest.param("{storageClassName: gp3}", True, id="by name"),
        pytest.param("{storageClassName: ''}", False, id="no class"),
        pytest.param("{}", False, id="the default class"),
        pytest.param("{storageClassName: gp3, volumeName: pv}", False, id="bound by hand"),
    ],
)
def test_the_class_of_a_claim(stream: str, missed: bool) -> None:
    claim = f"apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: c, namespace: shop}}\nspec: {stream}\n"
    assert ("references/storage-class" in rules(claim)) is missed


def test_a_class_that_only_labels_static_volumes_need_not_exist() -> None:
    claim = (
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: c, namespace: shop}\n"
        "spec: {storageClassName: static}\n"
    )
    volume = "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: v}\nspec: {storageClassName: static}\n"
    assert "references/storage-class" not in rules(claim, volume)


def test_classes_of_claim_templates_and_ephemeral_volumes_are_read() -> None:
    stateful = (
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: shop}\nspec:\n"
        "  volumeClaimTemplates: [{spec: {storageClassName: a}}]\n  template: {spec: {volumes: "
        "[{name: s, ephemeral: {volumeClaimTemplate: {spec: {storageClassName: b}}}}]}}\n"
    )
    assert pointers(judge(CHECK, stateful), "references/storage-class") == [
        "/spec/volumeClaimTemplates/0/spec/storageClassName",
        "/spec/template/spec/volumes/0/ephemeral/volumeClaimTemplate/spec/storageClassName",
    ]


@pytest.mark.parametrize(
    ("issuer", "found"),
    [
        ("{name: i}", True),
        ("{name: i, kind: ClusterIssuer}", True),
        ("{name: i, group: awspca.cert-manager.io, kind: AWSPCAIssuer}", False),
    ],
)
def test_issuers_of_cert_manager_itself_are_missed(issuer: str, found: bool) -> None:
    stream = (
        "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: c, namespace: shop}\n"
        f"spec: {{secretName: a, issuerRef: {issuer}}}\n"
    )
    assert pointers(judge(CHECK, stream), "references/issuer") == (["/spec/issuerRef/name"] if found else [])


@settings(max_examples=300, deadline=None)
@given(hostile(CHECK))
def test_no_manifest_makes_the_check_raise_or_point_at_nothing(inventory: Inventory) -> None:
    assert_findings_point_at_fields(CHECK, inventory)
