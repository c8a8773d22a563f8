"""What a language model needs of the memory of GPUs.

Sources: `config.json` of the models and the sizes of their files (huggingface.co: mistralai/Mistral-7B-Instruct-v0.2,
TinyLlama/TinyLlama-1.1B-Chat-v1.0, codellama/CodeLlama-7b-Instruct-hf); vLLM 0.26, `vllm/v1/core/kv_cache_utils.py`:
the server ends where the cache of one request of the greatest length does not fit beside the weights. Imports no cdk8s.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

GIB = 2**30

Dtype = Literal["half", "bfloat16"]
"""The type of the numbers that the model computes with: 16 bits either way."""
Quantization = Literal["awq", "gptq"]
"""How weights of 4 bits are written."""

_BYTES = 2
_QUANTIZED_BYTES = 0.58
"""Bytes for each parameter with 4 bits: their scales, and the tables of words, which stay at 16 bits, are in it.

The 7.24 thousand million parameters of Mistral-7B take 4.15 GB (huggingface.co: TheBloke/Mistral-7B-Instruct-v0.2-AWQ).
"""
WORKSPACE_GIB = 1.0
"""Room for what is computed at a time, and CUDA's graphs and libraries. An estimate: vLLM measures it at its start."""
NO_BFLOAT16 = ("Tesla-T4", "Tesla-V100", "Quadro-RTX")
"""How names of GPUs before Ampere begin: they compute with `half`, not with `bfloat16` (CUDA C++ Programming Guide)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """The sizes of a model; `context` is the greatest number of tokens that it was trained for."""

    parameters: int
    layers: int
    key_value_heads: int
    head_size: int
    context: int

    def weights_gib(self, quantization: Quantization | None) -> float:
        """Give the size of its weights in GiB."""
        return self.parameters * (_QUANTIZED_BYTES if quantization else _BYTES) / GIB

    def cache_gib(self, tokens: int) -> float:
        """Give the size of the cache of one request of so many tokens in GiB: keys and values of each layer."""
        return 2 * self.layers * self.key_value_heads * self.head_size * _BYTES * tokens / GIB


ARCHITECTURES: Mapping[str, Architecture] = {
    "codellama-7b": Architecture(parameters=6_738_546_688, layers=32, key_value_heads=32, head_size=128, context=16384),
    "mistral-7b": Architecture(parameters=7_241_732_096, layers=32, key_value_heads=8, head_size=128, context=32768),
    "tinyllama-1.1b": Architecture(parameters=1_100_048_384, layers=22, key_value_heads=4, head_size=64, context=2048),
}
"""The models whose sizes are known, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a model needs of each GPU; `share` is the part of the memory that vLLM may take, `gpus` share the model."""

    weights_gib: float
    cache_gib: float
    share: float
    gpus: int

    @property
    def gib(self) -> float:
        """The memory that each GPU must have, in GiB, rounded up to hundredths."""
        exact = ((self.weights_gib + self.cache_gib) / self.gpus + WORKSPACE_GIB) / self.share
        return math.ceil(exact * 100) / 100

    @property
    def words(self) -> str:
        """The sum, with its parts."""
        split = f", over {self.gpus} GPUs" if self.gpus > 1 else ""
        return (
            f"{self.gib:.1f} GiB on each GPU: weights {self.weights_gib:.1f} and cache {self.cache_gib:.1f}{split}, "
            f"{WORKSPACE_GIB:.1f} to compute in, at {self.share:.0%} of the memory"
        )


def need(
    model: Architecture, *, tokens: int, share: float, gpus: int = 1, quantization: Quantization | None = None
) -> Need:
    """Add up what a model needs for requests of so many tokens."""
    return Need(weights_gib=model.weights_gib(quantization), cache_gib=model.cache_gib(tokens), share=share, gpus=gpus)


def computes(product: str, dtype: Dtype) -> bool:
    """Tell whether a GPU computes with a type of numbers."""
    return dtype == "half" or not product.startswith(NO_BFLOAT16)
