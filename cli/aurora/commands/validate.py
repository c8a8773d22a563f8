"""`aurora validate`: every check on committed output, or on any folder, file or stream of manifests."""

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands import completion, context


def validate(  # noqa: PLR0913 - one parameter per option
    ctx: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ENV|PATH|-]...",
            help="Environments, files, folders, or - for standard input; all environments by default.",
            autocompletion=completion.environments,
        ),
    ] = None,
    *,
    kubernetes: Annotated[
        str, typer.Option("--kubernetes", metavar="VERSION", help="Kubernetes minor version for foreign manifests.")
    ] = "1.35",
    policies: Annotated[
        list[Path] | None,
        typer.Option("--policies", metavar="DIR", help="Folder of Kyverno policies to apply; repeatable."),
    ] = None,
    schemas: Annotated[
        list[Path] | None, typer.Option("--schemas", metavar="DIR", help="More CRDs, as YAML or JSON; repeatable.")
    ] = None,
    externals: Annotated[
        Path | None,
        typer.Option("--externals", metavar="FILE", help="List of objects that exist in the cluster already."),
    ] = None,
    pod_security: Annotated[
        str | None,
        typer.Option(
            "--pod-security", metavar="LEVEL", help="Pod Security level of namespaces that are not among the objects."
        ),
    ] = None,
    old: Annotated[
        str | None,
        typer.Option("--old", metavar="PATH|REF", help="The objects as they are now: also check the change to each."),
    ] = None,
    write_baseline: Annotated[
        bool,
        typer.Option("--write-baseline", help="Write the findings to the baseline; later runs fail only on new ones."),
    ] = False,
    only: context.OnlyOption = None,
    skip: context.SkipOption = None,
    engine: context.EngineOption = context.ENGINE,
    no_cache: context.NoCacheOption = False,
    strict: context.StrictOption = False,
    format_: context.FormatOption = "text",
    report: context.ReportOption = None,
) -> None:
    """Check committed environments, or any other manifests, without a cluster and without the network.

    Environments and paths together are judged as one: the files as if they were in each of these environments, so
    that references between them resolve.

    Example: kubectl kustomize overlays/prod | aurora validate - --format json
    """
    from aurora import proofs  # noqa: PLC0415 - see the package's docstring

    console = context.state(ctx).console
    wanted = context.output(format_, report)
    tools = context.toolbox()
    today = context.today()
    memory = context.memory(no_cache=no_cache)
    run = None
    if all(given in (None, [], False) for given in (policies, schemas, externals, pod_security, old, write_baseline)):
        options = context.deciding(only, skip, engine, kubernetes, today.isoformat())
        run = proofs.over_committed(Path.cwd(), targets or (), options, memory=memory, tools=tools)
    outcome = run.recall() if run else None
    if outcome is None:
        from aurora import inputs, validation  # noqa: PLC0415 - as above, and a known run needs neither

        request = validation.Request(
            targets=tuple(targets or ()),
            kubernetes=inputs.minor_version(kubernetes),
            policies=inputs.policy_files(policies or ()),
            schemas=inputs.folders(schemas or (), option="--schemas"),
            externals=inputs.externals(externals),
            pod_security=inputs.pod_security_level(pod_security),
            old=old,
            write_baseline=write_baseline,
        )
        checks = context.chosen_checks(tools, only, skip, engine=engine)
        outcome = validation.validate(request, Path.cwd(), checks=checks, today=today, memory=memory)
        if run:
            run.keep(outcome)
    for note in (*tools.notes, *memory.notes):
        console.say(f"note: {note}")
    context.publish(outcome, wanted, console)
    context.verdict(outcome, strict=strict, complete=not outcome.not_judged)
