"""Facts about the check `secrets` that its rules' examples do not state."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aurora.checks.secrets import CHECK, patterns
from aurora.model.inventory import Inventory
from checks.inventory_cases import assert_findings_point_at_fields, hostile, judge, judge_manifests, pointers, read


def pod(spec: str, component: str = "api") -> str:
    return (
        "apiVersion: v1\nkind: Pod\n"
        f"metadata: {{name: web, namespace: shop, labels: {{app.kubernetes.io/component: {component}}}}}\n"
        f"spec: {spec}\n"
    )


def container(fields: str) -> str:
    return pod(f"{{containers: [{{name: web, {fields}}}]}}")


@pytest.mark.parametrize(
    ("name", "sensitive"),
    [
        ("PASSWORD", True),
        ("DB_PASSWORD", True),
        ("PGPASSWORD", True),
        ("dbPassword", True),
        ("--api-token", True),
        ("API_KEY", True),
        ("apiKey", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("FLASK_SECRET", True),
        ("client-secret", True),
        ("SECRET", True),
        ("GOOGLE_CREDENTIALS", True),
        ("PASSWORD_FILE", False),
        ("TOKEN_TTL", False),
        ("MAX_TOKENS", False),
        ("SECRET_NAME", False),
        ("TLS_SECRET", False),
        ("KEY", False),
        ("PARTITION_KEY", False),
        ("API_KEY_HEADER", False),
        ("tokenizer", False),
        ("", False),
    ],
)
def test_names_of_credentials(name: str, sensitive: bool) -> None:
    assert patterns.is_sensitive(name) is sensitive


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("correct-horse", True),
        ("1234", True),
        ("", False),
        ("  ", False),
        ("$(DB_PASSWORD)", False),
        ("${DB_PASSWORD}", False),
        ("{{ .password }}", False),
        ("<password>", False),
        ("true", False),
        ("30", False),
        ("/run/secrets/token", False),
        ("tokens.json", False),
    ],
)
def test_values_that_could_be_credentials(value: str, literal: bool) -> None:
    assert patterns.is_literal(value) is literal


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("-----BEGIN PRIVATE KEY-----\nMIIE", "a private key"),
        ("-----BEGIN RSA PRIVATE KEY-----", "a private key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "a private key"),
        ("-----BEGIN CERTIFICATE-----", None),
        ("-----BEGIN PUBLIC KEY-----", None),
        ("key=AKIAIOSFODNN7EXAMPLE;", "an AWS access key id"),
        ("ASIA" + "A" * 16, "an AWS access key id"),
        ("XAKIAIOSFODNN7EXAMPLE", None),
        ("AKIAIOSFODNN7EXAMPL", None),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dBjftJeZ4CVPmB92K27uhbUJU1p1r", "a JSON Web Token"),
        ("eyJhbGciOiJIUzI1NiJ9", None),
        ("ghp_" + "a1B2" * 9, "a GitHub token"),
        ("glpat-" + "a1B2c" * 4, "a GitLab token"),
        ("hf_" + "aB" * 15, "a Hugging Face token"),
        ("sha256:" + "a" * 64, None),
    ],
)
def test_credentials_by_their_form(text: str, what: str | None) -> None:
    assert patterns.known_credential(text) == what


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("postgresql://web:horse@db:5432/shop", True),
        ("connect to redis://:horse@cache", False),
        ("https://web:horse@example.com/path and more", True),
        ("postgresql://web:$(PASSWORD)@db", False),
        ("postgresql://web:{{ .password | urlquery }}@db", False),
        ("https://example.com:8080/a@b", False),
        ("https://example.com/?mail=a:b@c", False),
        ("git@git.example.com:shop.git", False),
        ("ssh://git@git.example.com/shop", False),
    ],
)
def test_urls_with_passwords(text: str, found: bool) -> None:
    assert patterns.has_url_password(text) is found


@given(st.text(alphabet="eyJ.-_AKIA:/@ gp", max_size=300))
def test_no_text_makes_the_patterns_raise(text: str) -> None:
    patterns.known_credential(text)
    patterns.has_url_password(text)
    patterns.is_sensitive(text)
    patterns.is_literal(text)


def test_long_hostile_texts_are_searched_in_one_pass() -> None:
    for text in ("eyJ-" * 50_000, "://a:" * 50_000, "eyJaaaaaaaaaa.b" * 20_000, "-----BEGIN A " * 20_000):
        assert patterns.known_credential(text) is None
        assert not patterns.has_url_password(text)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ("env: [{name: A, value: b}, {name: TOKEN, value: abcd}]", "/spec/containers/0/env/1/value"),
        ("args: [serve, --password=horse]", "/spec/containers/0/args/1"),
        ("args: [--token, horse]", "/spec/containers/0/args/1"),
        ("command: [run, --api-key=horse]", "/spec/containers/0/command/1"),
        ("args: [--token, --verbose]", None),
        ("args: [token, horse]", None),
        ("args: [--tls-secret=edge/tls]", None),
        ("args: [--token=$(TOKEN)]", None),
    ],
)
def test_credentials_of_containers(fields: str, pointer: str | None) -> None:
    assert pointers(judge(CHECK, container(fields)), "secrets/written-out") == ([pointer] if pointer else [])


def test_keys_of_config_maps_are_read() -> None:
    stream = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {db.password: horse, settings.yaml: horse}\n"
    assert pointers(judge(CHECK, stream), "secrets/written-out") == ["/data/db.password"]


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ('{"s3": {"secretKeyName": "AWS_SECRET_ACCESS_KEY"}}', []),
        ('{"s3": {"secretKey": "hunter2hunter2"}}', ["/data/credentials"]),
    ],
)
def test_a_document_of_credentials_may_hold_names_alone(document: str, found: list[str]) -> None:
    metadata = "metadata: {name: c, namespace: shop}"
    config = f"apiVersion: v1\nkind: ConfigMap\n{metadata}\ndata: {{credentials: '{document}'}}\n"
    assert pointers(judge(CHECK, config), "secrets/written-out") == found


def test_values_of_charts_are_read() -> None:
    stream = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec: {source: {helm: "
        "{valuesObject: {grafana: {adminPassword: horse, existingSecret: grafana}}, "
        "parameters: [{name: auth.token, value: horse}], extra: [{name: auth.token, value: horse}]}}}\n"
    )
    assert pointers(judge(CHECK, stream), "secrets/written-out") == [
        "/spec/source/helm/valuesObject/grafana/adminPassword",
        "/spec/source/helm/parameters/0/value",
    ]


def test_texts_anywhere_are_searched_for_known_forms() -> None:
    stream = (
        "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\nspec: {deep: [{note: AKIAIOSFODNN7EXAMPLE}]}\n"
    )
    assert pointers(judge(CHECK, stream), "secrets/credential") == ["/spec/deep/0/note"]


def test_definitions_may_describe_credentials() -> None:
    stream = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\n"
        "spec: {description: 'such as https://user:password@host'}\n"
    )
    assert judge(CHECK, stream) == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ("data: {a: YQ==}", "/data"),
        ("stringData: {a: b}", "/stringData"),
        ("data: {a: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t}", "/data"),
    ],
)
def test_no_secret_lies_in_git(body: str, pointer: str) -> None:
    stream = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: a, namespace: shop}}\n{body}\n"
    assert [(finding.rule, finding.pointer) for finding in judge(CHECK, stream)] == [("secrets/secret-in-git", pointer)]


@pytest.mark.parametrize("body", ["", "data: {}", "stringData: {a: ''}", "type: kubernetes.io/service-account-token"])
def test_a_secret_without_values_hides_nothing(body: str) -> None:
    assert not judge(CHECK, f"apiVersion: v1\nkind: Secret\nmetadata: {{name: a, namespace: shop}}\n{body}\n")


def test_a_secret_that_git_does_not_hold_is_none_in_git() -> None:
    found = read("apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: shop}\ndata: {a: YQ==}\n")
    assert judge_manifests(CHECK, [dataclasses.replace(manifest, emitted=False) for manifest in found]) == []


EXTERNAL = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a, namespace: shop}\nspec: %s\n"


@pytest.mark.parametrize(
    ("spec", "pointer"),
    [
        ("{data: [{remoteRef: {key: example/db}}]}", None),
        ("{data: [{remoteRef: {key: example-db}}]}", None),
        ("{data: [{remoteRef: {key: /platform/example/db}}]}", None),
        ("{data: [{remoteRef: {key: examples/db}}]}", "/spec/data/0/remoteRef/key"),
        ("{data: [{remoteRef: {key: counterexample/db}}]}", "/spec/data/0/remoteRef/key"),
        ("{dataFrom: [{extract: {key: prod/db}}]}", "/spec/dataFrom/0/extract/key"),
        ("{dataFrom: [{find: {path: prod}}]}", "/spec/dataFrom/0/find/path"),
        ("{dataFrom: [{find: {name: {regexp: a}}}]}", None),
    ],
)
def test_paths_of_secrets_name_the_environment(spec: str, pointer: str | None) -> None:
    assert pointers(judge(CHECK, EXTERNAL % spec), "secrets/foreign-path") == ([pointer] if pointer else [])


def test_paths_say_nothing_where_no_environment_is_known() -> None:
    stream = EXTERNAL % "{data: [{remoteRef: {key: prod/db}}]}"
    assert judge(CHECK, stream, closed=False) == []
    assert judge(CHECK, stream, environment=None) == []


@pytest.mark.parametrize(
    ("spec", "pointer"),
    [
        ("{containers: [{name: a, envFrom: [{secretRef: {name: x}}]}]}", "/spec/containers/0/envFrom/0/secretRef/name"),
        ("{volumes: [{name: v, secret: {secretName: x, optional: true}}]}", "/spec/volumes/0/secret/secretName"),
        (
            "{volumes: [{name: v, projected: {sources: [{secret: {name: x}}]}}]}",
            "/spec/volumes/0/projected/sources/0/secret/name",
        ),
        ("{volumes: [{name: v, csi: {driver: secrets-store.csi.k8s.io}}]}", "/spec/volumes/0/csi/driver"),
        ("{imagePullSecrets: [{name: x}]}", None),
        ("{volumes: [{name: v, projected: {sources: [{serviceAccountToken: {path: t}}]}}]}", None),
        ("{containers: [{name: a, envFrom: [{configMapRef: {name: x}}]}]}", None),
    ],
)
def test_inference_reads_no_secret_by_any_way(spec: str, pointer: str | None) -> None:
    found = judge(CHECK, pod(spec, "inference"))
    assert pointers(found, "secrets/inference-reads") == ([pointer] if pointer else [])
    assert pointers(judge(CHECK, pod(spec, "control-plane")), "secrets/inference-reads") == []


@settings(max_examples=300, deadline=None)
@given(hostile(CHECK))
def test_no_manifest_makes_the_check_raise_or_point_at_nothing(inventory: Inventory) -> None:
    assert_findings_point_at_fields(CHECK, inventory)


def head(api_version: str, kind: str, name: str = "web") -> str:
    return f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\n"


CERTIFICATE = head("cert-manager.io/v1", "Certificate") + "spec: {secretName: tls}\n"
NAMELESS = head("cert-manager.io/v1", "Certificate") + "spec: {dnsNames: [a.example.com]}\n"
COPY = head("external-secrets.io/v1", "ExternalSecret") + "spec: {target: {name: tls%s}, dataFrom: [{}]}\n"
SECRET = head("v1", "Secret", "tls") + "%s\n"
SETTINGS_MAP = head("v1", "ConfigMap", "tls") + "data: {a: b}\n"
SEALED = head("bitnami.com/v1alpha1", "SealedSecret", "tls") + "spec: {encryptedData: {a: b}}\n"
ACCOUNT = head("cert-manager.io/v1", "Issuer", "%s") + "spec: {acme: {privateKeySecretRef: {name: tls}}}\n"
INGRESS = (
    "apiVersion: networking.k8s.io/v1\nkind: Ingress\n"
    "metadata: {name: %s, namespace: shop, annotations: {cert-manager.io/issuer: ca}}\n"
    "spec: {tls: [{secretName: tls}]}\n"
)
BUNDLE = (
    "apiVersion: trust.cert-manager.io/v1alpha1\nkind: Bundle\nmetadata: {name: tls}\n"
    "spec: {target: {configMap: {}%s}}\n"
)


@pytest.mark.parametrize(
    ("objects", "found"),
    [
        pytest.param([CERTIFICATE, COPY % ""], 1, id="a certificate and a copy from a store"),
        pytest.param([CERTIFICATE, COPY % ", creationPolicy: Merge"], 0, id="keys that are added"),
        pytest.param([COPY % "", (COPY % "").replace("web", "api")], 1, id="two stores"),
        pytest.param(
            [COPY % "", (COPY % ", creationPolicy: Merge").replace("web", "api")], 1, id="an owner lets none in"
        ),
        pytest.param(
            [COPY % ", creationPolicy: Orphan", (COPY % ", creationPolicy: Merge").replace("web", "api")],
            0,
            id="nobody owns it",
        ),
        pytest.param([SEALED, SECRET % "data: {a: Yg==}"], 1, id="a sealed and an open one"),
        pytest.param([SEALED, COPY % "", SECRET % "stringData: {a: b}"], 2, id="three"),
        pytest.param([CERTIFICATE, SECRET % "data: {}"], 0, id="an empty place"),
        pytest.param([CERTIFICATE, SECRET % "type: Opaque"], 0, id="a place without data"),
        pytest.param([CERTIFICATE, ACCOUNT % "a"], 1, id="the key of an account"),
        pytest.param([ACCOUNT % "a", ACCOUNT % "b"], 0, id="one account for two issuers"),
        pytest.param([INGRESS % "a", INGRESS % "b"], 0, id="hosts that share a certificate"),
        pytest.param([INGRESS % "a", SEALED], 1, id="an annotation that makes a certificate"),
        pytest.param([CERTIFICATE, CERTIFICATE.replace("web", "api")], 1, id="two certificates"),
        pytest.param([NAMELESS, NAMELESS.replace("web", "api")], 0, id="certificates that name no Secret"),
        pytest.param([SETTINGS_MAP, COPY % ", manifest: {apiVersion: v1, kind: ConfigMap}"], 1, id="a ConfigMap"),
        pytest.param([CERTIFICATE, COPY % ", manifest: {apiVersion: v1, kind: ConfigMap}"], 0, id="another kind"),
        pytest.param([SETTINGS_MAP, head("objectbucket.io/v1alpha1", "ObjectBucketClaim", "tls")], 1, id="a bucket"),
        pytest.param([SETTINGS_MAP, BUNDLE % ""], 1, id="a bundle for all namespaces"),
        pytest.param([SETTINGS_MAP, BUNDLE % ", namespaceSelector: {matchLabels: {a: b}}"], 0, id="some namespaces"),
        pytest.param([SETTINGS_MAP.replace("tls", "kube-root-ca.crt")], 1, id="what every namespace gets"),
        pytest.param([CERTIFICATE, (COPY % "").replace("shop", "web")], 0, id="another namespace"),
    ],
)
def test_one_writer_keeps_each_secret_and_config_map(objects: list[str], found: int) -> None:
    judged = [finding for finding in judge(CHECK, *objects) if finding.rule == "secrets/two-writers"]
    assert len(judged) == found


def test_an_issuer_annotation_beside_a_certificate_is_a_second_owner() -> None:
    assert pointers(judge(CHECK, CERTIFICATE, INGRESS % "a"), "secrets/two-writers") == [""]
