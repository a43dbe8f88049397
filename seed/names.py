"""Names of areas as people write them, in both languages."""

import re
from collections.abc import Callable

from gis.records import Name

Romanise = Callable[[str], str]
RESIDENTS = ("社区居民委员会", "社区居委会", "居民委员会", "居委会")
VILLAGERS = ("村村民委员会", "村村委会", "村民委员会", "村委会")
WHOLE = ("社区", "村", "嘎查", "牧委会")
# The first ending that a name has is translated; the rest of the name is romanised.
ENDINGS = {
    "社区": "Community", "村": "Village", "嘎查": "Village",
    "街道": "Subdistrict", "民族乡": "Ethnic Township", "镇": "Town", "乡": "Township", "苏木": "Township",
    "开发区": "Development Zone", "工业园区": "Industrial Park", "工业区": "Industrial Zone", "工业园": "Industrial Park",
    "科技园": "Science Park", "产业园": "Industrial Park", "保税区": "Bonded Zone", "农场": "Farm", "林场": "Forest Farm",
    "新区": "New Area", "林区": "Forestry District", "特区": "Special District", "自治县": "Autonomous County",
    "自治旗": "Autonomous Banner", "自治州": "Autonomous Prefecture", "地区": "Prefecture", "盟": "League",
    "区": "District", "县": "County", "旗": "Banner", "市": "",
}  # fmt: skip

KNOWN = {"朝阳": "Chaoyang", "长宁": "Changning", "闵行": "Minhang"}  # places that the dictionary reads wrongly


def community_name(official: str, romanise: Romanise) -> Name:
    """The everyday name: 社区 for a residents' committee, 村 for a villagers' committee, no committee in either."""
    return both(_everyday(official), romanise)


def _everyday(official: str) -> str:
    for endings, kind in ((RESIDENTS, "社区"), (VILLAGERS, "村")):
        for ending in endings:
            if official.endswith(ending) and official != ending:
                stem = official.removesuffix(ending)
                return stem if stem.endswith(WHOLE) and kind != "社区" else stem + kind
    return official


def both(chinese: str, romanise: Romanise, *, city: bool = False) -> Name:
    """A name with its English form; a city of county rank is a City unless it is the whole city."""
    for ending, kind in ENDINGS.items():
        stem = chinese.removesuffix(ending)
        if stem and stem != chinese:
            english = kind or ("" if city else "City")
            return Name(chinese, f"{romanise(stem)} {english}".rstrip())
    return Name(chinese, romanise(chinese))


def pinyin(chinese: str) -> str:
    """Pinyin without tones as one capitalised word, parted by apostrophes where it could be misread."""
    from pypinyin import lazy_pinyin

    if chinese in KNOWN:
        return KNOWN[chinese]
    syllables = lazy_pinyin(chinese, v_to_u=True)
    word = "".join(("'" if at and syllable[:1] in "aoe" else "") + syllable for at, syllable in enumerate(syllables))
    return re.sub(r"^\w", lambda first: first.group().upper(), word)
