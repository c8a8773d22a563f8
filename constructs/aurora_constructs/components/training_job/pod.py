"""The pod that trains: the model store read-write, GPUs where asked for, no token, no Secret."""

from collections.abc import Iterator

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, pods, queues
from aurora_constructs.components.model_store import mounting
from aurora_constructs.components.model_store.spec import ModelStoreSpec
from aurora_constructs.components.training_job.parts import ClaimDataset, Gpu, UriDataset
from aurora_constructs.components.training_job.spec import TrainingJobSpec
from aurora_constructs.machines import NVIDIA
from aurora_constructs.platform import Platform
from aurora_constructs.pools import DO_NOT_DISRUPT, KARPENTER_POOL, SAFE_TO_EVICT, Pool
from aurora_constructs.values import quantity
from aurora_contract import store as layout
from aurora_contract import variables as names
from aurora_contract.programs import CHECKPOINTS_PATH, DATASET_PATH, TRAINER

GPU_PRODUCT = "nvidia.com/gpu.product"
GPU_PRESENT = "nvidia.com/gpu.present"
"""Labels that GPU feature discovery gives to nodes."""
DATASET, CHECKPOINTS = "dataset", "checkpoints"
SHARED_MEMORY, SHARED_MEMORY_PATH = "shared-memory", "/dev/shm"  # noqa: S108 - in the container


def training_pod(
    spec: TrainingJobSpec, platform: Platform, *, name: str, container: str = TRAINER.container
) -> pods.PodSpec:
    """Describe the pod of a run; a new one is made for every try, so it is never restarted in place.

    Raises:
        KeyError: the image or the model store does not exist.
    """
    gpu, anywhere = spec.gpu, spec.pool is None
    store = platform.component(spec.storage, ModelStoreSpec)
    trainer = pods.ContainerSpec(
        name=container,
        image=platform.image(spec.image),
        resources=spec.resources,
        devices={NVIDIA: gpu.count} if gpu else {},
        command=spec.command,
        args=spec.args,
        env=pods.environment(variables(spec)),
        ports=TRAINER.ports_on_request if spec.metrics else {},
        mounts=[mounting.mount(read_only=False), *_mounts(spec)],
    )
    return pods.PodSpec(
        labels=_labels(spec, platform, name),
        annotations=_annotations(spec, platform),
        service_account=name,
        restart_policy="Never",
        tmp_size=spec.scratch,
        tmp_class=spec.scratch_class,
        termination_grace_period_seconds=120,
        node_selector=_node_selector(gpu) if anywhere else {},
        tolerations=[k8s.Toleration(key=NVIDIA, operator="Exists", effect="NoSchedule")] if gpu and anywhere else [],
        pool=_pool(spec, platform),
        together_in=spec.topology,
        together_with=labels.selector(name, labels.TRAINING),
        containers=[trainer],
        volumes=[mounting.volume(store, read_only=False), *_volumes(spec)],
    )


def run_labels(spec: TrainingJobSpec, platform: Platform, name: str) -> dict[str, str]:
    """Give the labels of the object that runs it, those by which Kueue takes it among them."""
    own = labels.selector(name, labels.TRAINING)
    return {**own, platform.names.model: spec.model, **queues.labels(spec.queue, spec.priority)}


def variables(spec: TrainingJobSpec) -> dict[str, str]:
    """Give the trainer's environment: what people add, and over it what describes the run."""
    dataset = spec.dataset
    source = dataset.uri if isinstance(dataset, UriDataset) else f"{DATASET_PATH}/{dataset.path}"
    kept = {names.CHECKPOINTS: f"file://{CHECKPOINTS_PATH}/{spec.checkpoint_folder}"} if spec.checkpoints else {}
    served = {names.METRICS_PORT: str(TRAINER.ports_on_request["metrics"])} if spec.metrics else {}
    return {
        **spec.env,
        **kept,
        **served,
        names.DATASET: source,
        names.MODEL: spec.model,
        names.MODEL_STORE: layout.ROOT,
        names.MODEL_VERSION: spec.version,
    }


def _labels(spec: TrainingJobSpec, platform: Platform, name: str) -> dict[str, str]:
    return {
        **platform.names.common(platform.environment),
        **labels.selector(name, labels.TRAINING),
        platform.names.model: spec.model,
        platform.names.model_version: spec.version,
        **platform.identity(spec.identity).pod_labels,
    }


def _annotations(spec: TrainingJobSpec, platform: Platform) -> dict[str, str]:
    if not spec.do_not_disrupt:
        return {}
    pool = platform.pools().get(spec.pool or "")
    karpenter = {} if pool and KARPENTER_POOL not in pool.labels else {DO_NOT_DISRUPT: "true"}
    autoscaler = {} if pool and KARPENTER_POOL in pool.labels else {SAFE_TO_EVICT: "false"}
    return {**karpenter, **autoscaler}


def _pool(spec: TrainingJobSpec, platform: Platform) -> Pool | None:
    """Give the pool that is stated, narrowed to machines with the GPUs; labels of a discovery start no node there."""
    if spec.pool is None:
        return None
    pool = platform.pool(spec.pool)
    return pool.with_gpus(spec.gpu.count, product=spec.gpu.product) if spec.gpu else pool


def _node_selector(gpu: Gpu | None) -> dict[str, str]:
    """Without it a GPU pod may wait on nodes that have none; with a product only that model will do."""
    if gpu is None:
        return {}
    return {GPU_PRODUCT: gpu.product} if gpu.product else {GPU_PRESENT: "true"}


def _volumes(spec: TrainingJobSpec) -> Iterator[k8s.Volume]:
    if isinstance(spec.dataset, ClaimDataset):
        yield pods.claim_volume(DATASET, spec.dataset.claim, read_only=True)
    if spec.checkpoints:
        yield pods.claim_volume(CHECKPOINTS, spec.checkpoints.claim, read_only=False)
    yield from _memory_volumes(spec.memory_disk)


def _mounts(spec: TrainingJobSpec) -> Iterator[k8s.VolumeMount]:
    if isinstance(spec.dataset, ClaimDataset):
        yield pods.volume_mount(DATASET, DATASET_PATH, read_only=True)
    if spec.checkpoints:
        yield pods.volume_mount(CHECKPOINTS, CHECKPOINTS_PATH, read_only=False)
    yield from _memory_mounts(spec.memory_disk)


def _memory_volumes(size: str | None) -> list[k8s.Volume]:
    """Give the volume of shared memory, where a size is stated."""
    if size is None:
        return []
    source = k8s.EmptyDirVolumeSource(medium="Memory", size_limit=quantity(size))
    return [k8s.Volume(name=SHARED_MEMORY, empty_dir=source)]


def _memory_mounts(size: str | None) -> list[k8s.VolumeMount]:
    """Give the mount of shared memory, where a size is stated."""
    return [k8s.VolumeMount(name=SHARED_MEMORY, mount_path=SHARED_MEMORY_PATH)] if size else []
