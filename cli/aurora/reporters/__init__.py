"""How a report is written: one module a format. `FORMATS` in `reporters.table` is the only list of them."""
