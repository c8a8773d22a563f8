"""The store that ExternalSecrets read from."""
