"""Reusable Dagster pieces: the only part of the library that imports Dagster.

Annotations are never deferred in this package: Dagster reads them at run time.
"""

import warnings

# Both are what we need, in use and covered by tests; Dagster would say so at every start.
warnings.filterwarnings("ignore", message="Parameter `allow_nonexistent_upstream_partitions`")
warnings.filterwarnings("ignore", message="Specifying a partitions_def on an AssetCheckSpec")
