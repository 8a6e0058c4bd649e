"""textfix reconciles and repairs OCR'd Chinese policy documents.

>>> import textfix
>>> textfix.clean("加快解决工矿废弃地、歼石山等历史遗留问题")
'加快解决工矿废弃地、矸石山等历史遗留问题'

Names are imported when they are first used, so that ``import textfix`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .alignment import align as align
    from .edits import Edit as Edit
    from .edits import Edits as Edits
    from .edits import Repair as Repair
    from .errors import TextfixError as TextfixError
    from .learner import Pair as Pair
    from .learner import learn as learn
    from .options import Options as Options
    from .pipeline import Repairer as Repairer
    from .pipeline import clean as clean
    from .pipeline import repair as repair
    from .reconciler import reconcile as reconcile

_HOMES = {
    "Edit": "edits",
    "Edits": "edits",
    "Options": "options",
    "Pair": "learner",
    "Repair": "edits",
    "Repairer": "pipeline",
    "TextfixError": "errors",
    "align": "alignment",
    "clean": "pipeline",
    "learn": "learner",
    "reconcile": "reconciler",
    "repair": "pipeline",
}

__all__ = [*sorted(_HOMES), "__version__"]


if not TYPE_CHECKING:  # or type checkers would take every name to be here

    def __getattr__(name: str) -> Any:
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f".{home}", __name__), name)
        globals()[name] = value  # no submodule has the name of a function, or importing it would hide the function
        return value


def __dir__() -> list[str]:
    return __all__
