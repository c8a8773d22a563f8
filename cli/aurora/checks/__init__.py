"""The checks: functions from an inventory to findings, each with the counts that prove it looked.

`TABLE` in `checks.table` is the only list of them. A check never raises for a bad manifest; it raises a
`ToolError` when it cannot prove its verdict.
"""
