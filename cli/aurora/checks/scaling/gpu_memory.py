"""A rule about language models on GPUs: what vLLM is told to serve fits the GPU that the pod selects.

Only what is stated counts: a model by a name whose sizes are known, and a GPU by a label of its nodes. The arithmetic
and its sources are those of the component LanguageModel.
"""

import re
from collections.abc import Iterator, Mapping

from aurora.cluster import resources
from aurora.model.inventory import Inventory
from aurora.model.json_value import mapping, text
from aurora.model.pod_template import Container, PodTemplate
from aurora.model.rule import BROKEN, InventoryRule, Violation
from aurora_constructs.components.language_model import memory
from aurora_constructs.machines import AZURE, EC2, NVIDIA, Gpu

_MODELS = {
    "codellama-7b": re.compile(r"codellama-7b", re.IGNORECASE),
    "mistral-7b": re.compile(r"mistral-7b", re.IGNORECASE),
    "tinyllama-1.1b": re.compile(r"tinyllama-1\.1b", re.IGNORECASE),
}
_FOUR_BITS = re.compile(r"awq|gptq", re.IGNORECASE)
_OTHERWISE = ("quantization", "kv-cache-dtype", "cpu-offload-gb", "load-format", "hf-overrides")
"""Options that change the arithmetic in ways that are not modelled here."""
_USUAL_SHARE = 0.9
"""vLLM's default of `--gpu-memory-utilization`."""
_TYPE, _PRODUCT = "node.kubernetes.io/instance-type", "nvidia.com/gpu.product"
_FAMILY, _SHORT = "karpenter.k8s.aws/instance-family", "karpenter.k8s.aws/instance-gpu-name"


def _misfits(inventory: Inventory) -> Iterator[Violation]:
    for pod in inventory.pods():
        gpu = _selected(pod)
        for container in pod.containers if gpu else ():
            options = _options(container)
            problem = _problem(container, options, gpu) if gpu else None
            if problem:
                yield Violation(
                    manifest=pod.manifest,
                    steps=(*container.steps, "args"),
                    message=problem,
                    hint="select a larger GPU, take weights of 4 bits, or lower `--max-model-len`",
                )


def _selected(pod: PodTemplate) -> Gpu | None:
    """Give the GPU of the nodes that a pod selects; None where its labels do not tell."""
    wanted = mapping(pod.get("nodeSelector"))
    machine = {**EC2, **AZURE}.get(text(wanted.get(_TYPE)))
    if machine:
        return machine.gpu
    for each in EC2.values():
        gpu = each.gpu
        if gpu and (
            text(wanted.get(_PRODUCT)) == gpu.product
            or text(wanted.get(_FAMILY)) == each.family
            or text(wanted.get(_SHORT)) == gpu.short
        ):
            return gpu
    return None


def _options(container: Container) -> Mapping[str, str]:
    """Read a server's options, each as one word or as two; `serve` has the model behind it."""
    words = [word for _, word in container.words]
    found: dict[str, str] = {}
    for word, following in zip(words, [*words[1:], ""], strict=bool(words)):
        name, equals, value = word.partition("=")
        if name.startswith("--"):
            found[name[2:].replace("_", "-")] = value if equals else following
        elif word == "serve":
            found.setdefault("model", following)
    return found


def _problem(container: Container, options: Mapping[str, str], gpu: Gpu) -> str | None:
    model = options.get("model", "")
    name = next((name for name, pattern in _MODELS.items() if pattern.search(model)), None)
    quantized = _FOUR_BITS.search(f"{options.get('quantization', '')} {model}")
    if name is None or (not quantized and any(each in options for each in _OTHERWISE)):
        return None
    if options.get("dtype") == "bfloat16" and not memory.computes(gpu.product, "bfloat16"):
        return f"`{gpu.product}` does not compute with `bfloat16`: vLLM ends when it starts"
    sizes = memory.ARCHITECTURES[name]
    need = memory.need(
        sizes,
        tokens=int(_number(options.get("max-model-len"), sizes.context)),
        share=_number(options.get("gpu-memory-utilization"), _USUAL_SHARE),
        gpus=int(_number(options.get("tensor-parallel-size"), 1)),
        quantization="awq" if quantized else None,
    )
    if not resources.of_container(container).limits.get(NVIDIA) or need.gib <= gpu.memory_gib:
        return None
    return f"`{model}` needs {need.words}; `{gpu.product}` has {gpu.memory_gib:.4g} GiB, and vLLM ends when it starts"


def _number(stated: str | None, usual: float) -> float:
    try:
        return float(stated) if stated else usual
    except ValueError:
        return usual


RULES = (InventoryRule("scaling/gpu-memory", BROKEN, _misfits),)
