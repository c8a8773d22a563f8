"""Aurora: compiles, proves and explains the manifests of a GitOps repository.

Owns the command line and the compiler pipeline; the constructs live in `aurora_constructs`.
"""

import time

STARTED = time.time_ns()
"""When this process began to read Aurora's code: what is changed later may not be what runs."""
