"""Models that KServe serves: which GPUs a language model fits, and what cannot work before anything is built."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from aurora_constructs.cluster import Aks, Eks
from aurora_constructs.components.language_model import memory
from aurora_constructs.platform import Platform
from aurora_constructs.spec import Problem
from components.building import specification

HEAD = {"kubernetes": "1.35", "domain": "ml.example.com", "apiServerCidrs": ["10.0.0.10/32"], "name": "ml"}
POOLS = {"small": "g4dn.xlarge", "large": "g5.xlarge", "cpu": "m5.large", "four": "g4dn.12xlarge"}
EKS = Eks.model_validate(
    {
        **HEAD,
        "provider": "eks",
        "region": "eu-central-1",
        "account": "111122223333",
        "identity": {"type": "pod-identity"},
        "identities": {"models": "models"},
        "resources": {"models": {"type": "bucket", "bucket": "models"}, "secrets": {"type": "parameter-store"}},
        "edge": {"loadBalancers": ["10.0.1.0/24"]},
        "pools": {name: {"machine": machine, "minimum": 0, "maximum": 2} for name, machine in POOLS.items()},
    }
)
AKS = Aks.model_validate(
    {
        **HEAD,
        "provider": "aks",
        "subscription": "11111111-2222-3333-4444-555555555555",
        "tenant": "66666666-7777-8888-9999-aaaaaaaaaaaa",
        "identity": {"oidcIssuer": "https://issuer.example.com/"},
    }
)
SERVERS = {"sklearn": {"image": "a"}, "vllm": {"image": "a"}}
COMMON = {"namespace": "ml", "storage": "models", "identity": "models"}
LLM = {
    **COMMON,
    "kind": "LanguageModel",
    "model": "llm",
    "architecture": "mistral-7b",
    "source": {"version": "1", "path": "llm/1"},
    "pool": "large",
}
IRIS = {
    **COMMON,
    "kind": "InferenceModel",
    "model": "iris",
    "framework": "sklearn",
    "stable": {"version": "1", "path": "iris/1", "replicas": 2},
}
CANARY = {"version": "2", "path": "iris/2", "weight": 10}


def problems(entry: dict[str, Any], **others: Any) -> list[Problem]:
    entries = {
        "it": entry,
        "serving-runtimes": {"kind": "ServingRuntimes", "servers": SERVERS},
        "edge": {"kind": "Edge", "namespace": "ml"},
        **others,
    }
    components = {name: specification(each) for name, each in entries.items()}
    platform = Platform(environment="a", cluster=EKS, components=components)
    return list(components["it"].problems("it", platform))


@pytest.mark.parametrize(
    ("architecture", "tokens", "quantization", "gib"),
    [
        ("mistral-7b", 4096, None, 16.7),
        ("mistral-7b", 4096, "awq", 6.0),
        ("codellama-7b", 4096, None, 17.3),
        ("codellama-7b", 16384, None, 23.9),
        ("tinyllama-1.1b", 2048, None, 3.4),
    ],
)
def test_what_a_gpu_must_have(architecture: str, tokens: int, quantization: memory.Quantization, gib: float) -> None:
    need = memory.need(memory.ARCHITECTURES[architecture], tokens=tokens, share=0.9, quantization=quantization)
    assert round(need.gib, 1) == gib


def test_the_weights_of_mistral_alone_are_14_gigabytes() -> None:
    assert round(memory.ARCHITECTURES["mistral-7b"].weights_gib(None) * memory.GIB / 1e9, 1) == 14.5


@pytest.mark.parametrize(
    ("changed", "at", "words"),
    [
        pytest.param({}, None, "", id="a GPU of 24 GB"),
        pytest.param({"dtype": "bfloat16"}, None, "", id="a GPU that has bfloat16"),
        pytest.param({"pool": "small"}, "pool", "needs 16.7 GiB on each GPU: weights 13.5 and cache 0.5", id="a T4"),
        pytest.param({"pool": "small", "quantization": "awq"}, None, "", id="4 bits on a T4"),
        pytest.param({"pool": "four", "gpus": 4}, None, "", id="over four T4"),
        pytest.param({"pool": "small", "gpus": 4}, "pool", "`g4dn.xlarge`, has 1", id="more GPUs than a machine has"),
        pytest.param({"pool": "cpu"}, "pool", "has no GPUs", id="no GPUs"),
        pytest.param({"pool": "nowhere"}, "pool", "no node pool `nowhere`", id="no such pool"),
        pytest.param({"maxModelLen": 32768}, None, "", id="a long context"),
        pytest.param(
            {"architecture": "codellama-7b", "maxModelLen": 16384}, "pool", "cache 8.0", id="a context that is too long"
        ),
        pytest.param(
            {"pool": "small", "quantization": "awq", "dtype": "bfloat16"},
            "dtype",
            "`Tesla-T4` of pool `small` does not compute with `bfloat16`",
            id="bfloat16 on a T4",
        ),
        pytest.param({"storage": "secrets"}, "storage", "is for secrets, not for objects", id="no object store"),
        pytest.param({"identity": "nobody"}, "identity", "no `nobody`", id="no such identity"),
    ],
)
def test_what_cannot_work_for_a_language_model(changed: dict[str, Any], at: str | None, words: str) -> None:
    found = problems(LLM | changed)
    assert [problem.steps for problem in found] == ([(at,)] if at else [])
    assert all(words in problem.words for problem in found)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"architecture": "tinyllama-1.1b"}, id="more tokens than the model knows"),
        pytest.param({"sharedMemory": "12Gi"}, id="shared memory of the whole limit"),
        pytest.param({"architecture": "gpt-2"}, id="no such model"),
    ],
)
def test_a_language_model_that_contradicts_itself_is_refused(changed: dict[str, Any]) -> None:
    specification(LLM)
    with pytest.raises(ValidationError):
        specification(LLM | changed)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"scaling": {"minimum": 2, "maximum": 4}}, id="both replicas and scaling"),
        pytest.param({"stable": {"version": "1", "path": "iris/1"}}, id="neither replicas nor scaling"),
        pytest.param({"canary": CANARY | {"path": "iris/1"}}, id="a canary of the stable version"),
        pytest.param({"storage": None}, id="neither registry nor storage"),
        pytest.param({"stable": {"version": "1", "path": "/iris/1", "replicas": 2}}, id="a path with a slash in front"),
    ],
)
def test_a_classic_model_that_contradicts_itself_is_refused(changed: dict[str, Any]) -> None:
    specification(IRIS | {"canary": CANARY})
    with pytest.raises(ValidationError):
        specification(IRIS | changed)


@pytest.mark.parametrize(
    ("aliases", "at"),
    [
        ({}, []),
        ({"iris": {"stable": 1, "canary": 2}}, []),
        ({"other": {"stable": 7}}, []),
        ({"iris": {"stable": 7, "canary": 2}}, [("stable", "version")]),
        ({"iris": {"canary": 7}}, [("canary", "version")]),
    ],
)
def test_versions_are_those_that_the_registry_calls_stable_and_canary(aliases: dict[str, Any], at: list[Any]) -> None:
    mlflow = {"kind": "Mlflow", "namespace": "ml", "artifacts": "models", "identity": "models", "aliases": aliases}
    model = {key: value for key, value in IRIS.items() if key != "storage"} | {"registry": "mlflow", "canary": CANARY}
    assert [problem.steps for problem in problems(model, mlflow=mlflow)] == at


def test_a_load_balancer_divides_by_weight_and_not_by_header() -> None:
    assert problems(IRIS | {"canary": CANARY}) == []
    (found,) = problems(IRIS | {"canary": CANARY | {"header": {}}})
    assert found.steps == ("canary", "header")


def test_a_model_without_its_runtime_is_told_which_there_are() -> None:
    (found,) = problems(IRIS, **{"serving-runtimes": {"kind": "ServingRuntimes", "servers": {"vllm": {"image": "a"}}}})
    assert (found.steps, found.message) == (("runtimes",), "`serving-runtimes` has no runtime `sklearn`: it has `vllm`")


def test_a_runtime_is_made_by_one_component() -> None:
    entry = {"kind": "ServingRuntimes", "servers": SERVERS}
    components = {name: specification(entry) for name in ("one", "two")}
    platform = Platform(environment="a", cluster=AKS, components=components)
    assert [list(spec.problems(name, platform)) == [] for name, spec in components.items()] == [True, False]
