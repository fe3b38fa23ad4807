"""Registry of import layouts by name."""

from collections.abc import Callable

from django.utils.module_loading import autodiscover_modules

from .layouts import StrictResource

_registry: dict[str, type[StrictResource]] = {}


def importable(name: str) -> Callable[[type[StrictResource]], type[StrictResource]]:
    """Class decorator: make a resource known to the import command and the fixtures by its name."""

    def register(resource: type[StrictResource]) -> type[StrictResource]:
        resource.name = name
        _registry[name] = resource
        return resource

    return register


def resources() -> dict[str, type[StrictResource]]:
    """Every importable resource by name, in the order they are declared: an order they can be loaded in."""
    autodiscover_modules("layouts", "imports.layouts")
    return _registry
