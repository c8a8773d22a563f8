"""A folder of plain YAML. It has no chart: the compiler takes the objects as they are."""
