"""Map data of networks: the places of their members."""

import numpy as np

from partnerships.agreements.map_data import map_rows

from .models import Network
from .querysets import memberships


def member_rows(network: Network) -> np.ndarray:
    """The current members that are towns or organisations, a row each; see `partnerships.agreements.map_data.ROW`."""
    return map_rows(memberships().public().of([network]), "pk")
