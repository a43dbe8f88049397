"""Which community an address names."""

import re
from collections.abc import Sequence
from typing import Final

from gis.source_records import KnownCommunity

_TAILS: Final = re.compile(r"(社区居民委员会|村民委员会|社区居委会|村委会|居委会|社区|街道|镇|村)$")
_STEM_CHARACTERS: Final = 2


def communities_named(address: str, communities: Sequence[KnownCommunity]) -> list[KnownCommunity]:
    """The communities that an address may mean: one if it is clear.

    Those named in full, else those whose name stands there without its last word; of several, those whose town stands there
    too; of those, the longest name, so that 上桥 does not stand for 上桥头.
    """
    found = [each for each in communities if each.name in address]
    found = found or [each for each in communities if _stem(each.name) in address]
    found = [each for each in found if _stem(each.town) in _beside(address, each)] or found
    longest = max((len(_stem(each.name)) for each in found), default=0)
    return [each for each in found if len(_stem(each.name)) == longest]


def _beside(address: str, community: KnownCommunity) -> str:
    """An address without the community's name: 桥头社区 says nothing of the town 桥头镇."""
    name = community.name if community.name in address else _stem(community.name)
    return address.replace(name, " ", 1)


def _stem(name: str) -> str:
    stem = _TAILS.sub("", name)
    return stem if len(stem) >= _STEM_CHARACTERS else name
