"""One Helm chart, as an Argo CD Application or as the objects that it renders."""
