"""Types that the parts of the retrieval share."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
