"""The Job that writes the model's aliases from Git's pins, once what they name serves."""

from aurora_constructs import labels, pods, services
from aurora_constructs.component import Component
from aurora_constructs.components.model_serving.spec import ModelServingSpec
from aurora_constructs.components.model_store import mounting
from aurora_constructs.components.model_store.spec import ModelStoreSpec
from aurora_constructs.spec import Resources
from aurora_contract import programs, store, variables

RETRIES, DEADLINE = 3, 900
RESOURCES = Resources(cpu="50m", memory="128Mi")
"""Artifacts are hashed piece by piece: no model needs more memory than another."""


def published(owner: Component[ModelServingSpec], models: ModelStoreSpec) -> None:
    """Add the hook, and close its pods to the network.

    It runs after the sync, when all pods of the component are healthy: an alias never names what does not serve yet.
    """
    name, spec = f"{owner.object_name}-aliases", owner.spec
    selector = labels.selector(name, labels.REGISTRATION)
    services.closed(owner, name, selector)
    services.batch_job(
        owner,
        "aliases",
        metadata=owner.meta(
            name, annotations={labels.HOOK: "PostSync", labels.HOOK_DELETE_POLICY: "BeforeHookCreation"}
        ),
        pod=pods.PodSpec(
            labels=owner.pod_labels(selector),
            service_account=owner.object_name,
            restart_policy="Never",
            containers=[
                pods.ContainerSpec(
                    name=programs.ALIASES.container,
                    image=owner.platform.image(spec.publisher),
                    resources=RESOURCES,
                    args=[
                        programs.PUBLISH_ALIASES,
                        *(f"{spec.model}/{alias}={one.version}" for alias, one in sorted(spec.served().items())),
                    ],
                    env=pods.environment({variables.MODEL_STORE: store.ROOT}),
                    mounts=[mounting.mount(read_only=False)],
                )
            ],
            volumes=[mounting.volume(models, read_only=False)],
        ),
        retries=RETRIES,
        deadline=DEADLINE,
    )
