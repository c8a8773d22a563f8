"""Programs by which Aurora judges manifests, in `bin`; `programs.json` says what they were built from."""
