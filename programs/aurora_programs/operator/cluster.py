"""The API server, as the operator asks it: reads within its namespaces, Jobs, and the status of its own resources."""

import json
from functools import cache
from typing import Any

import urllib3
from kubernetes import client, config

from aurora_programs.operator.runs import GROUP, KEY, VERSION, Body

SECONDS = (2, 10)
"""How long connecting, and an answer, may take."""
NOT_FOUND, CONFLICT = 404, 409


class UnreachableError(Exception):
    """The API server did not answer, or refused with a status; it is asked again later."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@cache
def _connection() -> client.ApiClient:
    settings = client.Configuration()
    config.load_config(client_configuration=settings)  # type: ignore[no-untyped-call]
    settings.retries = False
    return client.ApiClient(settings)


def ask(method: str, path: str, body: Body | None = None, *, patch: bool = False) -> dict[str, Any] | None:
    """Ask once; None where there is no such object.

    Raises:
        UnreachableError: the server does not answer, or refuses.
    """
    content = "application/merge-patch+json" if patch else "application/json"
    headers = {"Accept": "application/json", **({"Content-Type": content} if body is not None else {})}
    connection = _connection()
    try:
        request = connection.param_serialize(
            method, path, header_params=headers, body=body, auth_settings=["BearerToken"]
        )
        answer = connection.call_api(*request, _request_timeout=SECONDS)
        answer.read()  # type: ignore[no-untyped-call]
    except (urllib3.exceptions.HTTPError, config.ConfigException, OSError) as error:
        raise UnreachableError(f"{method} {path}: {error}") from error
    if answer.status == NOT_FOUND:
        return None
    if not 200 <= answer.status < 300:
        raise UnreachableError(f"{method} {path}: {answer.status} {answer.reason}", answer.status)
    found: dict[str, Any] = json.loads(answer.data or b"{}")
    return found


def own(plural: str, namespace: str, name: str) -> dict[str, Any] | None:
    """Read one of the operator's own resources."""
    return ask("GET", f"/apis/{GROUP}/{VERSION}/namespaces/{namespace}/{plural}/{name}")


def report(plural: str, body: Body, status: Body) -> None:
    """Write the status of one of them; one that is gone meanwhile needs none."""
    metadata = body["metadata"]
    path = f"/apis/{GROUP}/{VERSION}/namespaces/{metadata['namespace']}/{plural}/{metadata['name']}/status"
    ask("PATCH", path, {"status": status}, patch=True)


def template(namespace: str, name: str) -> str | None:
    """Read the text of a template; None where there is none."""
    found = ask("GET", f"/api/v1/namespaces/{namespace}/configmaps/{name}") if name else None
    text = ((found or {}).get("data") or {}).get(KEY)
    return None if text is None else str(text)


def job(namespace: str, name: str) -> dict[str, Any] | None:
    """Read a Job."""
    return ask("GET", f"/apis/batch/v1/namespaces/{namespace}/jobs/{name}")


def make(body: Body) -> dict[str, Any]:
    """Create a Job, or give the one that is there meanwhile.

    Raises:
        UnreachableError: the server does not answer, or refuses.
    """
    metadata = body["metadata"]
    try:
        made = ask("POST", f"/apis/batch/v1/namespaces/{metadata['namespace']}/jobs", body)
    except UnreachableError as error:
        if error.status != CONFLICT:
            raise
        made = job(metadata["namespace"], metadata["name"])
    if made is None:
        raise UnreachableError(f"the Job `{metadata['name']}` went while it was made")
    return made


def pods(namespace: str, job_name: str) -> list[dict[str, Any]]:
    """List the pods of a Job."""
    selector = f"batch.kubernetes.io/job-name={job_name}"
    found = ask("GET", f"/api/v1/namespaces/{namespace}/pods?labelSelector={selector}")
    return list((found or {}).get("items") or ())


def of(group: str, plural: str, namespace: str, name: str) -> dict[str, Any] | None:
    """Read an object that serves: a Deployment, a route or an Ingress; None where the kind is not there either."""
    return ask("GET", f"/apis/{group}/namespaces/{namespace}/{plural}/{name}")
