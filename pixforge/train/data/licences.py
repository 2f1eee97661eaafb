"""Which licences may go into weights that are passed on."""

from __future__ import annotations

from typing import Final

from pixforge.errors import SettingsError

# Free for every use with at most a credit, which the model card gives.
_ACCEPTED: Final = frozenset(
    {
        "0bsd",
        "apache-2.0",
        "bsd-2-clause",
        "bsd-3-clause",
        "cc-by-3.0",
        "cc-by-4.0",
        "cc-publicdomain",
        "cc0-1.0",
        "isc",
        "mit",
        "own-work",
        "public-domain",
        "unlicense",
        "wtfpl",
        "zlib",
    }
)


def is_accepted(licence: str) -> bool:
    """Return whether pictures under this licence may train weights that are passed on."""
    return licence.strip().casefold() in _ACCEPTED


def check_licence(licence: str, note: str) -> None:
    """Refuse a licence that is unknown, non-commercial, share-alike or copyleft, unless words say why it may be used.

    Args:
        licence: as the source states it.
        note: the words that override a refusal; they travel into the manifest and the model card.

    Raises:
        SettingsError: the licence is not accepted and no words override that.
    """
    if is_accepted(licence) or len(note.split()) >= 3:
        return
    cause = f'licence "{licence}" is not one whose pictures may train weights that are passed on'
    remedy = 'leave the pictures out, or say in words why they may be used: --override "the artist agreed on ..."'
    raise SettingsError(cause, remedy)
