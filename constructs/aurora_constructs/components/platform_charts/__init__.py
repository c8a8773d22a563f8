"""The Helm charts of the platform, as Argo CD Applications with exact versions."""
