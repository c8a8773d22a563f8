"""Facts about the check `gitops`: the order of a sync."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aurora.checks.gitops import CHECK
from checks.gitops_cases import HOOK, application, config_map, judge_files, of, wave
from checks.inventory_cases import judge, pointers


def tree(web: int, store: int) -> dict[str, str]:
    """A root Application, two children in waves, a Pod of the one and a ServiceAccount of the other."""
    recursive = ", directory: {recurse: true}"
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {serviceAccountName: web}\n"
    account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n"
    return {
        "argocd/root.yaml": application("root", "argocd"),
        "argocd/web.yaml": application("web", "web", recursive, annotations=wave(web)),
        "argocd/store.yaml": application("store", "store", recursive, annotations=wave(store)),
        "web/pod.yaml": pod,
        "store/account.yaml": account,
    }


@pytest.mark.parametrize(("web", "store", "found"), [(10, 20, True), (10, 10, False), (20, 10, False)])
def test_waves_of_applications_order_their_objects(web: int, store: int, found: bool) -> None:
    inverted = of(judge_files(tree(web, store)), "wave-order")
    assert bool(inverted) is found
    assert all("`store`" in finding.message and "wave 20" in finding.message for finding in inverted)


def test_applications_that_no_root_holds_together_have_no_order() -> None:
    files = tree(10, 20)
    del files["argocd/root.yaml"]
    assert of(judge_files(files), "wave-order") == []


def test_waves_inside_an_application_do_not_matter_to_another_one() -> None:
    files = tree(10, 10)
    files["store/account.yaml"] = files["store/account.yaml"].replace("shop}", f"shop, annotations: {{{wave(30)}}}}}")
    assert of(judge_files(files), "wave-order") == []


POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, annotations: {%s}}\nspec: %s\n"
ACCOUNT = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop, annotations: {%s}}\n"


@pytest.mark.parametrize(
    ("pod", "account", "inverted"),
    [
        pytest.param(wave(0), wave(0), False, id="a tie"),
        pytest.param("", wave(1), True, id="no wave is wave 0"),
        pytest.param(HOOK % "PreSync", "", True, id="a hook before the sync"),
        pytest.param(HOOK % "PreSync", HOOK % "PreSync", False, id="both before the sync"),
        pytest.param(HOOK % "PostSync", wave(50), False, id="a hook after the sync"),
        pytest.param(HOOK % "'PreSync,PostSync'", "", True, id="its earliest phase counts"),
        pytest.param(HOOK % "PostDelete", wave(50), False, id="not applied by a sync"),
        pytest.param(HOOK % "Skip", wave(50), False, id="never applied"),
        pytest.param("helm.sh/hook: pre-install", "", True, id="a hook of Helm"),
        pytest.param(
            "helm.sh/hook: pre-install, helm.sh/hook-weight: '5'", "helm.sh/hook: pre-install", False, id="by weight"
        ),
        pytest.param(wave("soon"), wave(1), True, id="an unreadable wave is wave 0"),
        pytest.param("helm.sh/hook: test", wave(50), False, id="Helm's tests are not applied"),
        pytest.param("helm.sh/hook: post-delete", wave(50), False, id="nor are hooks of a deletion"),
        pytest.param("helm.sh/hook: crd-install", wave(1), True, id="no hook"),
        pytest.param(f"helm.sh/hook: pre-install, {HOOK % 'PostSync'}", wave(50), False, id="not Helm's word"),
        pytest.param(f"helm.sh/hook: pre-install, {HOOK % 'Never'}", "", True, id="Helm's word beside an unknown one"),
        pytest.param(HOOK % "Never", wave(50), False, id="an unknown hook is never applied"),
    ],
)
def test_phases_and_waves_of_objects(pod: str, account: str, inverted: bool) -> None:
    found = judge(CHECK, POD % (pod, "{serviceAccountName: web}"), ACCOUNT % account)
    assert bool(of(found, "wave-order")) is inverted


@pytest.mark.parametrize(
    ("user", "needed"),
    [
        pytest.param(
            POD % (wave(0), "{volumes: [{name: v, configMap: {name: a}}]}"), config_map("a", wave(1)), id="ConfigMap"
        ),
        pytest.param(
            POD % (wave(0), "{volumes: [{name: v, secret: {secretName: a}}]}"),
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\n"
            f"metadata: {{name: a, namespace: shop, annotations: {{{wave(1)}}}}}\nspec: {{}}\n",
            id="ExternalSecret",
        ),
        pytest.param(
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a, namespace: shop}\n"
            "spec: {secretStoreRef: {kind: ClusterSecretStore, name: v}}\n",
            "apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\n"
            f"metadata: {{name: v, annotations: {{{wave(1)}}}}}\n",
            id="store",
        ),
        pytest.param(
            "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: a, namespace: shop}\n"
            "spec: {secretName: a, issuerRef: {name: i, kind: ClusterIssuer}}\n",
            f"apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {{name: i, annotations: {{{wave(1)}}}}}\n",
            id="issuer",
        ),
    ],
)
def test_what_comes_before_what(user: str, needed: str) -> None:
    assert len(of(judge(CHECK, user, needed), "wave-order")) == 1
    assert not of(judge(CHECK, user, needed.replace(wave(1), wave(0))), "wave-order")


NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, annotations: {%s}}\n"
DEFINITION = (
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
    "metadata: {name: things.example.com, annotations: {%s}}\nspec: {group: example.com, names: {kind: Thing}}\n"
)
THING = "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a, annotations: {%s}}\n"


@pytest.mark.parametrize(
    ("needed", "user"),
    [(NAMESPACE, lambda where: config_map("a", where)), (DEFINITION, lambda where: THING % where)],
    ids=["namespace", "definition"],
)
@pytest.mark.parametrize("where", [wave(0), HOOK % "PreSync", "helm.sh/hook: 'pre-install,pre-upgrade'"])
def test_a_sync_moves_namespaces_and_definitions_before_what_needs_them(
    needed: str, user: Callable[[str], str], where: str
) -> None:
    assert not of(judge(CHECK, user(where), needed % wave(1)), "wave-order")
    files = {
        "argocd/root.yaml": application("root", "argocd"),
        "argocd/web.yaml": application("web", "web", annotations=wave(1)),
        "argocd/base.yaml": application("base", "base", annotations=wave(2)),
        "web/user.yaml": user(where),
        "base/needed.yaml": needed % "",
    }
    assert len(of(judge_files(files), "wave-order")) == 1
    assert not of(judge_files(files | {"web/needed.yaml": needed % wave(9), "base/needed.yaml": ""}), "wave-order")


def test_the_namespace_of_argo_cd_is_there_before_its_first_sync() -> None:
    namespace = f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: argocd, annotations: {{{wave(-30)}}}}}\n"
    assert not of(judge(CHECK, application("root", ".", annotations=wave(-50)), namespace), "wave-order")


def test_optional_references_do_not_order() -> None:
    user = POD % (wave(0), "{volumes: [{name: v, configMap: {name: a, optional: true}}]}")
    assert not of(judge(CHECK, user, config_map("a", wave(1))), "wave-order")


CLAIM = (
    "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: c, namespace: shop, annotations: {%s}}\n"
    "spec: {storageClassName: s}\n"
)
CLASS = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: s}\nvolumeBindingMode: %s\n"
WITH_CLAIM = "{volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]}"


@pytest.mark.parametrize(
    ("waves", "mode", "waits"),
    [
        ([10], "WaitForFirstConsumer", True),
        ([0, 10], "WaitForFirstConsumer", False),
        ([10], "Immediate", False),
        ([], "WaitForFirstConsumer", False),
    ],
)
def test_a_claim_waits_for_ever_if_all_its_pods_come_later(waves: list[int], mode: str, waits: bool) -> None:
    pods = [(POD % (wave(number), WITH_CLAIM)).replace("name: web", f"name: web-{number}", 1) for number in waves]
    found = of(judge(CHECK, CLAIM % wave(0), CLASS % mode, *pods), "waiting-claim")
    assert bool(found) is waits


def test_applications_in_one_wave_need_no_health() -> None:
    assert of(judge_files(tree(10, 20)), "application-health")
    assert not of(judge_files(tree(10, 10)), "application-health")


def test_the_values_of_the_chart_may_restore_the_health_of_applications() -> None:
    key = "resource.customizations.health.argoproj.io_Application"
    chart = application("argo-cd", "").replace(
        "path: ''", f"chart: argo-cd, helm: {{valuesObject: {{configs: {{cm: {{{key}: x}}}}}}}}"
    )
    assert not of(judge_files({**tree(10, 20), "argocd/chart.yaml": chart}), "application-health")


def test_an_inversion_points_at_the_wave_of_what_comes_too_early() -> None:
    late = ACCOUNT % wave(1)
    spec = "{serviceAccountName: web}"
    at = "/metadata/annotations/argocd.argoproj.io~1sync-wave"
    assert pointers(judge(CHECK, POD % (wave(0), spec), late), "gitops/wave-order") == [at]
    assert pointers(judge(CHECK, POD % ("", spec), late), "gitops/wave-order") == ["/metadata"]
