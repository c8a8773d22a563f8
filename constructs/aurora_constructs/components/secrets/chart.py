"""One ExternalSecret for each Secret."""

from aurora_constructs import external_secrets
from aurora_constructs.component import Component
from aurora_constructs.components.secrets.spec import SecretsSpec


class Secrets(Component[SecretsSpec]):
    """Emits what makes the Secrets that charts and others name."""

    def compose(self) -> None:
        """Add an ExternalSecret for each Secret."""
        spec = self.spec
        for name, values in sorted(spec.secrets.items()):
            external_secrets.external_secret(self, name, store=spec.store, refresh=spec.refresh_interval, values=values)
