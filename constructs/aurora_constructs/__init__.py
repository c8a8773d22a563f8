"""cdk8s constructs for machine-learning platforms, usable from any cdk8s app.

Pure: nothing here reads the disk, the network or the environment, and nothing here knows YAML. Charts
import cdk8s, which starts Node; specifications do not, so importing this package costs nothing.
"""
