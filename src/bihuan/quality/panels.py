"""What this room hangs into pages, each part in its own module."""

from . import journal_words  # noqa: F401  registers
from .certificates import panels as _certificates  # noqa: F401  registers
from .charts import panels as _charts  # noqa: F401
from .exchange import panels as _exchange  # noqa: F401
from .laboratory import panels as _laboratory  # noqa: F401
from .lots import panels as _lots  # noqa: F401  registers
from .recall import panels as _recalls  # noqa: F401
from .series import panels as _series  # noqa: F401
from .shipping import panels as _shipping  # noqa: F401
