"""The operator: makes a Job of each MLTrainingJob, says what came of it, and what serves of each MLDeployment.

Kopf runs it: `kopf run --module=aurora_programs.operator`. Importing it registers its handlers.
"""

from aurora_programs.operator import handlers

__all__ = ["handlers"]
