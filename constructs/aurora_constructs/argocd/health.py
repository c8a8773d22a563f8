"""Health checks, in Lua, for kinds that Argo CD has none for. Imports no cdk8s.

Argo CD 3.5 knows InferenceService, ExternalSecret, WorkflowTemplate and others, but not Aurora's kinds nor
those of policies.kyverno.io; and it orders child Applications by waves only if the check for Application
is restored, which 1.8 removed (docs/facts/gitops.md).
"""

from __future__ import annotations

from aurora_constructs.names import Names

_APPLICATION = """\
local status = {status = "Progressing", message = "waiting for the first sync"}
if obj.status ~= nil and obj.status.health ~= nil then
  status.status = obj.status.health.status or "Progressing"
  status.message = obj.status.health.message or ""
end
return status
"""

_TRAINING_JOB = """\
local phases = {Succeeded = "Healthy", Failed = "Degraded", Suspended = "Suspended"}
local status = {status = "Progressing", message = "waiting for the operator"}
if obj.status ~= nil and obj.status.phase ~= nil then
  status.status = phases[obj.status.phase] or "Progressing"
  status.message = obj.status.phase
end
return status
"""

_DEPLOYMENT = """\
local status = {status = "Healthy", message = "recorded"}
if obj.status ~= nil and obj.status.conditions ~= nil then
  for _, condition in ipairs(obj.status.conditions) do
    if condition.type == "Ready" and condition.status == "False" then
      status.status = "Degraded"
      status.message = condition.message or condition.reason or "not ready"
    end
  end
end
return status
"""

_POLICY = """\
local status = {status = "Progressing", message = "waiting for the policy engine"}
if obj.status ~= nil and obj.status.conditionStatus ~= nil then
  if obj.status.conditionStatus.ready == true then
    status.status = "Healthy"
    status.message = "ready"
  elseif obj.status.conditionStatus.ready == false then
    status.status = "Degraded"
    status.message = obj.status.conditionStatus.message or "not ready"
  end
end
return status
"""

# HAProxy Ingress up to 0.16 leaves the status of a Gateway empty (its documentation, "Conformance"); waiting for
# `Programmed` would then hold back every later wave for ever. A controller that does report is believed.
_GATEWAY = """\
local status = {status = "Healthy", message = "the controller reports no status"}
if obj.status ~= nil and obj.status.conditions ~= nil then
  for _, condition in ipairs(obj.status.conditions) do
    if condition.type == "Programmed" then
      status.message = condition.message or condition.reason or ""
      if condition.status == "False" then
        status.status = "Degraded"
      elseif condition.status == "Unknown" and condition.reason ~= "Pending" then
        status.status = "Progressing"
      end
    end
  end
end
return status
"""

_OWN = {"MLDeployment": _DEPLOYMENT, "MLTrainingJob": _TRAINING_JOB}
_OTHERS = {
    ("argoproj.io", "Application"): _APPLICATION,
    ("gateway.networking.k8s.io", "Gateway"): _GATEWAY,
    ("policies.kyverno.io", "GeneratingPolicy"): _POLICY,
    ("policies.kyverno.io", "ValidatingPolicy"): _POLICY,
}


def checks(names: Names) -> dict[tuple[str, str], str]:
    """Give the Lua text of each kind's health check by API group and kind."""
    return {**{(names.api_group, kind): text for kind, text in _OWN.items()}, **_OTHERS}


def config_map_entries(names: Names) -> dict[str, str]:
    """Give the entries of `argocd-cm`, as the Argo CD chart takes them under `configs.cm`."""
    return {f"resource.customizations.health.{group}_{kind}": text for (group, kind), text in checks(names).items()}
