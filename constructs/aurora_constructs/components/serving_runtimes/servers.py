"""What each model server is: the formats and protocols that it knows, how it starts, and how it says that it is ready.

Sources: KServe 0.20, `config/runtimes`, and `python/kserve/kserve/protocol/rest` for paths of its own servers; Triton,
`page "Inference protocols"`; TensorFlow Serving, `tensorflow_serving/g3doc/api_rest.md`; vLLM,
`vllm/entrypoints/openai`. Imports no cdk8s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Framework = Literal["sklearn", "pytorch", "tensorflow"]
"""The frameworks whose models run on CPUs."""

PORT = 8080
"""Where every server speaks HTTP: KServe's own default, so that whoever forgets a port is right."""
MODELS = "/mnt/models"
"""Where KServe puts a model (`pkg/constants`, `DefaultModelLocalMountPath`)."""
SHARED_MEMORY = "shm"
"""The volume of `/dev/shm`, where processes of one server hand each other data."""
VLLM = "vllm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One server; `MODEL` in its arguments and paths stands for the name of the model in requests.

    `format_name` and `versions` are what KServe calls its models, `protocols` the API in order of preference; `routes`
    are the beginnings of paths that clients call. `live` answers without a model; a server without such a path is asked
    for a connection. `metrics_port` is where Prometheus reads; None where the server needs
    a file of settings for that. `metrics` are the sources of the catalogue of metrics that are there.
    """

    format_name: str
    versions: tuple[str, ...]
    protocols: tuple[str, ...]
    ready: str
    live: str
    routes: tuple[str, ...]
    args: tuple[str, ...]
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    metrics_port: int | None = PORT
    metrics: tuple[str, ...] = ()
    start_seconds: int = 300
    tmp_size: str = "256Mi"
    shared_memory: str | None = None


SERVERS: Mapping[str, Server] = {
    "sklearn": Server(
        format_name="sklearn",
        versions=("1",),
        protocols=("v2", "v1"),
        ready="/v2/health/ready",
        live="/v2/health/live",
        routes=("/v1/models", "/v2/models"),
        args=("--model_name=MODEL", f"--model_dir={MODELS}", f"--http_port={PORT}"),
        metrics=("kserve",),
    ),
    # Triton names a model by its folder. TorchServe, which KServe's chart has for PyTorch, is no longer maintained.
    "pytorch": Server(
        format_name="pytorch",
        versions=("1",),
        protocols=("v2",),
        ready="/v2/health/ready",
        live="/v2/health/live",
        routes=("/v2/models",),
        command=("tritonserver",),
        args=(f"--model-repository={MODELS}", f"--http-port={PORT}", "--allow-grpc=false", "--metrics-port=8002"),
        metrics_port=8002,
        metrics=("triton",),
        shared_memory="256Mi",
    ),
    # Its metrics need a file of settings, which a runtime cannot bring into the namespaces of its models.
    "tensorflow": Server(
        format_name="tensorflow",
        versions=("1", "2"),
        protocols=("v1",),
        ready="/v1/models/MODEL",
        live="",
        routes=("/v1/models",),
        command=("/usr/bin/tensorflow_model_server",),
        args=("--model_name=MODEL", f"--model_base_path={MODELS}", f"--rest_api_port={PORT}", "--port=9000"),
        metrics_port=None,
    ),
    # Everything that vLLM and its compilers write goes to /tmp; they ask for the user's name, which the image lacks.
    VLLM: Server(
        format_name="vLLM",
        versions=("1",),
        protocols=("v2",),
        ready="/health",
        live="/health",
        routes=("/v1",),
        command=("python3", "-m", "vllm.entrypoints.openai.api_server"),
        args=(f"--port={PORT}", f"--model={MODELS}", "--served-model-name=MODEL"),
        env={
            "HF_HOME": "/tmp/huggingface",  # noqa: S108 - in the container
            "HF_HUB_OFFLINE": "1",
            "HOME": "/tmp",  # noqa: S108 - in the container
            "USER": VLLM,
            "VLLM_NO_USAGE_STATS": "1",
        },
        metrics=("vllm", "vllm-http"),
        start_seconds=1800,
        tmp_size="4Gi",
        shared_memory="1Gi",
    ),
}
"""The servers by the name of what they serve."""


def named(text: str, label: str) -> str:
    """Let KServe put the model's name into a text: that of a label of the InferenceService, else the service's own.

    KServe fills Go templates in a runtime's container, as JSON: the key stands in backquotes, which JSON leaves alone
    (`pkg/controller/v1beta1/inferenceservice/utils/utils.go`, `ReplacePlaceholders`).
    """
    return text.replace("MODEL", f"{{{{or (index .Labels `{label}`) .Name}}}}")
