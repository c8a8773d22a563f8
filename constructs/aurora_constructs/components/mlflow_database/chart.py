"""The Secret with the database's address, and what the migration's pods may do."""

from aurora_constructs import external_secrets, labels, network, services
from aurora_constructs.cloud import PostgreSql
from aurora_constructs.component import Component
from aurora_constructs.components.mlflow_database.spec import MlflowDatabaseSpec
from aurora_constructs.spec import SecretValue

URI, SESSION_KEY = "uri", "session-key"
"""The keys of the Secret."""
_PARTS = ("username", "password", SESSION_KEY)


def migration_selector(name: str) -> dict[str, str]:
    """Give the labels of the pods that migrate the database of that name."""
    return labels.selector(name, labels.MIGRATION)


class MlflowDatabase(Component[MlflowDatabaseSpec]):
    """Emits what a hook before the sync of MLflow needs: an Application of its own, synced earlier."""

    def compose(self) -> None:
        """Add the objects."""
        name, spec = self.object_name, self.spec
        database = spec.server(self.platform)
        services.account(self, name)
        credentials = spec.credentials
        external_secrets.external_secret(
            self,
            name,
            store=credentials.store,
            refresh=credentials.refresh_interval,
            values={part: SecretValue(path=credentials.path, property=part) for part in _PARTS},
            rendered={URI: _uri(database), SESSION_KEY: f'{{{{ index . "{SESSION_KEY}" }}}}'},
        )
        services.flows(self, name, migration_selector(name), egress=[network.database(database)])


def _uri(database: PostgreSql) -> str:
    """Write the address as a template: user and password are escaped, since they may hold any character."""
    user = "{{ .username | urlquery }}:{{ .password | urlquery }}"
    return f"postgresql://{user}@{database.host}:{database.port}/{database.database}?sslmode=require"
