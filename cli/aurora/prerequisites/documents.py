"""The documents that let accounts act as identities, and permit these what the accounts need: in the cloud's own form.

Sources: `docs/prerequisites.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aurora.cluster.accounts import Account
from aurora.cluster.external_secrets import entered_as, place, reads
from aurora.model.inventory import Inventory
from aurora.prerequisites.holders import Holders
from aurora_constructs.cloud import CloudResource, SecretBackend
from aurora_constructs.cluster import Aks, Eks
from aurora_constructs.cluster.cloud_facts import CloudFacts
from aurora_constructs.cluster.eks import Irsa
from aurora_constructs.permissions import Keys, Permission

Document = dict[str, object]
AWS_AUDIENCE = "sts.amazonaws.com"
"""The audience of tokens for AWS (EKS user guide, "Assign IAM roles to Kubernetes service accounts")."""
AZURE_AUDIENCE = "api://AzureADTokenExchange"
"""The audience of tokens for Azure (Azure Workload Identity, "Federated identity credential")."""
VERSION = "2012-10-17"
"""The version of the language of IAM's documents."""


def keys(inventory: Inventory, resource: CloudResource, account: Account) -> Keys:
    """Give what ExternalSecrets read of a place for secrets by stores that are entered as an account.

    Stores that name no account are entered by the operator's own, which is the only other one that needs the place.
    """
    if not isinstance(resource, SecretBackend) or inventory.cluster is None:
        return Keys()
    own = place_of(resource, inventory)
    stores = [(entered_as(read.store), read) for read in reads(inventory) if read.store and place(read.store) == own]
    named = (account.namespace, account.name)
    holder = named if any(entered == named for entered, _ in stores) else None
    found = [read for entered, read in stores if entered == holder]
    names = {read.key for read in found if read.key and not read.searched}
    return Keys(names=tuple(sorted(names)), searched=any(read.searched for read in found))


def place_of(resource: SecretBackend, inventory: Inventory) -> str:
    """Give what stores name a place for secrets by."""
    body = resource.provider(inventory.cluster.place if inventory.cluster else "", None)
    return str(getattr(resource, "url", "") or body.get("aws", {}).get("service", ""))


def permissions(inventory: Inventory, facts: CloudFacts, holder: Holders) -> list[Permission]:
    """Give what an identity must be permitted: what its accounts need, each once."""
    found: list[Permission] = []
    for name, access in holder.needs.items():
        for account in holder.accounts.values():
            if name in account.needs and name in facts.resources:
                resource = facts.resources[name]
                read = keys(inventory, resource, account)
                permitted = resource.permissions("write" if access == "write" else "read", facts.ground, read)
                found += [each for each in permitted if each not in found]
    return found


def of_aws(facts: Eks, holder: Holders, permitted: Sequence[Permission], keda: Account | None) -> Document:
    """Give the trust and the policy of a role, and with Pod Identity its associations."""
    trusted = list(holder.accounts.values())
    statements = [_statement(each) for each in permitted]
    documents: Document = {}
    if isinstance(facts.mechanism, Irsa):
        lenders = [keda] if holder.borrowed and keda else []
        documents["trust"] = _policy(_web_identity(facts, facts.mechanism, [*trusted, *lenders]))
    else:
        lent = [_lent(facts, keda)] if holder.borrowed and keda and keda.identity else []
        documents["trust"] = _policy([_POD_IDENTITY, *lent])
        documents["associations"] = [
            {"clusterName": facts.name, "namespace": each.namespace, "serviceAccount": each.name} for each in trusted
        ]
    if statements:
        documents["permissions"] = _policy(statements)
    return documents


_POD_IDENTITY: Document = {
    "Effect": "Allow",
    "Principal": {"Service": "pods.eks.amazonaws.com"},
    "Action": ["sts:AssumeRole", "sts:TagSession"],
}


def _web_identity(facts: Eks, mechanism: Irsa, trusted: Iterable[Account]) -> list[Document]:
    subjects = sorted(map(subject, trusted))
    if not subjects:
        return []
    provider = mechanism.oidc_provider
    equal = {f"{provider}:aud": AWS_AUDIENCE, f"{provider}:sub": subjects if len(subjects) > 1 else subjects[0]}
    principal = facts.ground.arn("iam", f"oidc-provider/{provider}", regional=False)
    return [
        {
            "Effect": "Allow",
            "Principal": {"Federated": principal},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": equal},
        }
    ]


def _lent(facts: Eks, keda: Account) -> Document:
    """Let KEDA's own role take the role of a trigger, which it does where it has no token of the cluster's provider."""
    return {"Effect": "Allow", "Principal": {"AWS": role(facts, keda.identity)}, "Action": "sts:AssumeRole"}


def role(facts: Eks, identity: str) -> str:
    """Give the ARN of the role behind an identity."""
    return facts.ground.arn("iam", f"role/{facts.identities[identity]}", regional=False)


def subject(account: Account) -> str:
    """Give what an account's tokens name it."""
    return f"system:serviceaccount:{account.namespace}:{account.name}"


def _statement(permission: Permission) -> Document:
    body: Document = {"Effect": "Allow", "Action": [*permission.allows], "Resource": [*permission.on]}
    return body | ({"Condition": dict(permission.condition)} if permission.condition else {})


def _policy(statements: Sequence[Document]) -> Document:
    return {"Version": VERSION, "Statement": [*statements]}


def taking(facts: Eks, lent: Sequence[str]) -> list[Permission]:
    """Permit KEDA's own role to take the roles of its triggers."""
    roles = tuple(role(facts, name) for name in lent)
    return [Permission(allows=("sts:AssumeRole",), on=roles)] if roles else []


def of_azure(facts: Aks, holder: Holders, permitted: Sequence[Permission], keda: Account | None) -> Document:
    """Give the federated credentials and the role assignments of a managed identity."""
    trusted = [*holder.accounts.values(), *([keda] if holder.borrowed and keda else [])]
    credentials = [
        {
            "name": f"{account.namespace}-{account.name}",
            "issuer": facts.mechanism.oidc_issuer,
            "subject": subject(account),
            "audiences": [AZURE_AUDIENCE],
        }
        for account in sorted(trusted, key=subject)
    ]
    assignments = [{"role": name, "scope": scope} for each in permitted for name in each.allows for scope in each.on]
    return {"federatedCredentials": credentials, "roleAssignments": assignments}
