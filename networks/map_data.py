"""Map data of networks: the places of their members."""

import numpy as np

from partnerships.agreements.map_data import rows_of

from .models import Network
from .querysets import memberships


def member_rows(network: Network) -> np.ndarray:
    """The current members that are towns or organisations, a row each; see `partnerships.agreements.map_data.ROW`."""
    return rows_of(memberships().public().of([network]), "pk")
