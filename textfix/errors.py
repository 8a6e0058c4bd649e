"""The exception tree.

::

    TextfixError
    ├── InputError (ValueError)        a text or file that cannot be taken as it is
    │   ├── DecodeError                bytes that are not in the stated encoding
    │   └── NothingInCommonError       an extract that shares nothing with the authority
    ├── EditError (ValueError)         edits that overlap, leave the text, or do not fit it
    ├── TableError (ValueError)        a confusable table or another shipped resource is malformed
    ├── ModelError (ValueError)        a language model is truncated, foreign, corrupt or too new
    ├── OptionError (ValueError)       an option that does not exist or contradicts another
    └── MissingExtraError (ImportError)  an optional dependency is not installed

Every message is one line that names what was wrong and, where there is one, the way out. The command line
prints it as it stands and exits with 2.
"""

from __future__ import annotations

__all__ = [
    "DecodeError",
    "EditError",
    "InputError",
    "MissingExtraError",
    "ModelError",
    "NothingInCommonError",
    "OptionError",
    "TableError",
    "TextfixError",
    "brief",
]

#: What a message quotes is cut off behind so many characters.
_LONGEST = 120


def brief(value: object) -> str:
    """`value` as a message quotes it: on one line, and cut off where a broken file would fill the screen."""
    text = repr(value if not isinstance(value, str) else value[: _LONGEST + 1])
    return text if len(text) <= _LONGEST + 2 else f"{text[:_LONGEST]}…"


class TextfixError(Exception):
    """Base of everything that textfix raises on purpose."""


class InputError(TextfixError, ValueError):
    """A text or a file that cannot be taken as it is."""


class DecodeError(InputError):
    """Bytes that are not in the stated encoding."""


class NothingInCommonError(InputError):
    """The extract and the authority share no text long enough to anchor an alignment."""


class EditError(TextfixError, ValueError):
    """Edits that overlap, leave the text, or do not fit the text that they are applied to."""


class TableError(TextfixError, ValueError):
    """A confusable table or another shipped resource is malformed."""


class ModelError(TextfixError, ValueError):
    """A language model file is truncated, foreign, corrupt or of a newer version."""


class OptionError(TextfixError, ValueError):
    """An option that does not exist, or that contradicts another."""


class MissingExtraError(TextfixError, ImportError):
    """An optional dependency is not installed; the message says which extra brings it."""
