"""The component kinds, one folder each: `spec` is what people write, `chart` what it becomes."""
