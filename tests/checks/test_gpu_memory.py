"""Facts about the rule on the memory of GPUs: which options count, how a GPU is named, and what is left alone."""

from __future__ import annotations

import pytest

from aurora.checks.scaling import CHECK
from checks.inventory_cases import judge

T4 = "node.kubernetes.io/instance-type: g4dn.xlarge"
MISTRAL = "--model=mistralai/Mistral-7B-Instruct-v0.2"


def messages(selector: str, args: str, *, limits: str = 'nvidia.com/gpu: "1"', command: str = "") -> list[str]:
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: llm, namespace: ml}\n"
        f"spec: {{nodeSelector: {{{selector}}}, containers: [{{name: server, image: 'vllm/vllm-openai:v1', {command}"
        f"args: [{args}], resources: {{limits: {{{limits}}}}}}}]}}\n"
    )
    return [finding.message for finding in judge(CHECK, pod) if finding.rule == "scaling/gpu-memory"]


@pytest.mark.parametrize(
    ("selector", "args", "found"),
    [
        pytest.param(T4, f"{MISTRAL}, --max-model-len=4096", True, id="by the type of machine"),
        pytest.param("nvidia.com/gpu.product: Tesla-T4", f"{MISTRAL}, --max-model-len=4096", True, id="by the GPU"),
        pytest.param(
            "karpenter.k8s.aws/instance-family: g4dn", f"{MISTRAL}, --max-model-len, '4096'", True, id="family"
        ),
        pytest.param(
            "karpenter.k8s.aws/instance-gpu-name: t4", f"{MISTRAL}, --max_model_len=4096", True, id="Karpenter"
        ),
        pytest.param("node.kubernetes.io/instance-type: Standard_NC4as_T4_v3", MISTRAL, True, id="a machine of Azure"),
        pytest.param(
            "node.kubernetes.io/instance-type: g5.xlarge", f"{MISTRAL}, --max-model-len=4096", False, id="A10G"
        ),
        pytest.param("pool: gpu", MISTRAL, False, id="a label that says nothing"),
        pytest.param(
            "node.kubernetes.io/instance-type: m5.large", MISTRAL, False, id="no GPU, which is not this rule's"
        ),
        pytest.param(T4, "--model=TheBloke/Mistral-7B-Instruct-v0.2-AWQ, --max-model-len=4096", False, id="4 bits"),
        pytest.param(T4, f"{MISTRAL}, --quantization=fp8, --max-model-len=4096", False, id="an option of its own"),
        pytest.param(T4, f"{MISTRAL}, --tensor-parallel-size=2, --max-model-len=4096", False, id="over two GPUs"),
        pytest.param(T4, "--model=example/unknown-70B", False, id="a model that is not known"),
        pytest.param(T4, "--model=TinyLlama/TinyLlama-1.1B-Chat-v1.0", False, id="a small model"),
        pytest.param(T4, "--model=TinyLlama/TinyLlama-1.1B-Chat-v1.0, --dtype=bfloat16", True, id="no bfloat16"),
        pytest.param(T4, "--max-model-len=4096", False, id="no model"),
    ],
)
def test_a_model_and_the_gpu_that_its_pod_selects(selector: str, args: str, found: bool) -> None:
    assert bool(messages(selector, args)) is found


def test_the_figures_are_told() -> None:
    (message,) = messages(T4, f"{MISTRAL}, --max-model-len=4096")
    assert "weights 13.5 and cache 0.5, 1.0 to compute in, at 90% of the memory; `Tesla-T4` has 16 GiB" in message


def test_the_model_of_the_command_serve_and_a_pod_without_gpus() -> None:
    assert messages(T4, "--max-model-len=4096", command="command: [vllm, serve, mistralai/Mistral-7B-v0.3], ")
    assert messages(T4, MISTRAL, limits="cpu: 1") == []
