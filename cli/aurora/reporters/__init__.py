"""How a report is written: one module a format. `TABLE` in `reporters.table` is the only list of them."""
