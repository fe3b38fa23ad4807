"""One spelling of a name for comparing, sorting and searching, whatever its case, accents or script.

The tables below are the only ones: `normalise` uses them in Python, `normalise_function_sql` writes the SQL
function `coopdir_normalise` from them (created by the first migration), and a test runs every Unicode
character through both. A change here needs a migration that creates the function again and rewrites the
generated columns built on it.

What is done, in this order:

1. Unicode compatibility decomposition (NFKD): accents come apart, ligatures and full-width forms are taken to
   pieces.
2. Combining accents, Arabic and Hebrew vowel points and invisible characters go; vowel signs of Indic scripts
   and Japanese voicing marks are part of the letter and stay.
3. Punctuation, symbols and spaces of every script become spaces.
4. Latin letters that do not decompose take their base letter (ø o, ł l, đ d, ı i) or pair (æ ae, œ oe, ß ss,
   þ th).
5. Cyrillic follows BGN/PCGN 1947 for Russian, simplified: no apostrophes for ь and ъ, e for every е and ё. A
   text with a letter that only Ukrainian or Belarusian has (і ї є ґ) reads и as y, as the Ukrainian national
   system of 2010 does: Київ is kyiv, Тимбукту is timbuktu. Letters of other Cyrillic alphabets take the
   nearest Latin letter.
6. Greek follows ELOT 743, simplified: η and ι i, υ y (ου ou, αυ av, ευ ev, ηυ iv), γγ ng, χ ch, ω o.
7. Other scripts keep their letters, in lower case where they have one (Armenian, Georgian, Adlam), recomposed
   (NFC).
8. Runs of spaces become one; none at the ends.
"""

import re
import unicodedata
from collections.abc import Iterable


def _ranges(hexadecimal: str) -> list[tuple[int, int]]:
    """Read "AD 300-36F" as code point ranges."""
    pairs = (item.partition("-") for item in hexadecimal.split())
    return [(int(first, 16), int(last or first, 16)) for first, _, last in pairs]


def _lower_case(first: int, last: int, offset: int) -> dict[str, str]:
    """Map the capitals first to last to the small letters `offset` code points after them."""
    return {chr(code): chr(code + offset) for code in range(first, last + 1)}


def _both_cases(table: dict[str, str]) -> dict[str, str]:
    """Add to a table of small letters their capitals."""
    return table | {letter.upper(): latin for letter, latin in table.items()}


# Step 2. Unicode categories Mn and Me of Latin, Greek, Cyrillic, Arabic and Hebrew, Cf, and the Arabic
# tatweel.
_REMOVED = _ranges("""
AD 300-36F 483-489 591-5BD 5BF 5C1-5C2 5C4-5C5 5C7 600-605 610-61A 61C 640 64B-65F 670 6D6-6DD 6DF-6E4 6E7-6E8
6EA-6ED 70F 890-89F 8CA-8FF 180E 1AB0-1ACE 1DC0-1DFF 200B-200F 202A-202E 2060-206F 20D0-20F0 2CEF-2CF1
2DE0-2DFF A66F-A672 A674-A67D A69E-A69F FB1E FE00-FE2F FEFF FFF9-FFFB E0001-E01EF
""")
# Step 3. Unicode categories P, S, Z and Cc beyond ASCII, and the modifier letters written as apostrophes.
_SEPARATORS = _ranges("""
80-AC AE-BF D7 F7 2B9-2FF 375 3F6 482 55A-55F 589-58F 5BE 5C0 5C3 5C6 5F3-5F4 606-60F 61B 61D-61F 66A-66D 6D4
6DE 6E9 6FD-6FE 700-70D 7F6-7F9 7FE-7FF 830-83E 85E 888 964-965 970 9F2-9F3 9FA-9FB 9FD A76 AF0-AF1 B70
BF3-BFA C77 C7F C84 D4F D79 DF4 E3F E4F E5A-E5B F01-F17 F1A-F1F F34 F36 F38 F3A-F3D F85 FBE-FC5 FC7-FDA
104A-104F 109E-109F 10FB 1360-1368 1390-1399 1400 166D-166E 1680 169B-169C 16EB-16ED 1735-1736 17D4-17D6
17D8-17DB 1800-180A 1940-1945 19DE-19FF 1A1E-1A1F 1AA0-1AA6 1AA8-1AAD 1B5A-1B6A 1B74-1B7E 1BFC-1BFF 1C3B-1C3F
1C7E-1C7F 1CC0-1CC7 1CD3 2010-2029 2030-205E 20A0-20C0 2104-212E 213A-214D 214F 218A-244A 2500-2775 2794-2BFF
2CE5-2CEA 2CF9-2CFC 2CFE-2CFF 2D70 2E00-2E2E 2E30-3004 3008-3020 3030 3037 303D-303F 30A0 30FB 3190-3191
31C0-31E3 327F 4DC0-4DFF A490-A4C6 A4FE-A4FF A60D-A60F A673 A67E A6F2-A716 A720-A721 A789-A78C A828-A82B
A836-A839 A874-A877 A8CE-A8CF A8F8-A8FA A8FC A92E-A92F A95F A9C1-A9CD A9DE-A9DF AA5C-AA5F AA77-AA79 AADE-AADF
AAF0-AAF1 AB5B AB6A-AB6B ABEB FBB2-FDFF FE45-FE46 FFFC-FFFD 10100-10102 1E95E-1E95F 1F000-1FBCA
""")
# Step 4, small letters and capitals.
_LATIN = {
    variant: letter
    for letter, variants in {
        "a": "ȺⱥəƏɑⱭɐⱯɒⱰ", "b": "ɓƁƀɃƃƂ", "c": "ȼȻƈƇɕ", "d": "đĐðÐɖƉɗƊƌƋ", "e": "ɛƐǝƎɘɇɆ", "f": "ƒƑ",
        "g": "ǥǤɠƓɡꞬɣƔ", "h": "ħĦⱨⱧɦꞪɥꞍ", "i": "ıɨƗɩƖɪꞮ", "j": "ȷɉɈɟʝꞲ", "k": "ĸƙƘⱪⱩ", "l": "łŁƚȽɫⱢɬꞭⱡⱠ",
        "m": "ɱⱮɯƜ", "n": "ŋŊɲƝƞȠɳ", "o": "øØɔƆɵƟ", "p": "ƥƤᵽⱣ", "q": "ɋɊ", "r": "ɍɌɽⱤʀƦɹ", "s": "ʃƩȿⱾʂꟅ",
        "t": "ŧŦⱦȾƭƬʈƮ", "u": "ʉɄʊƱ", "v": "ʋƲʌɅ", "w": "ⱳⱲ", "y": "ƴƳɏɎ", "z": "ƶƵȥȤɀⱿⱬⱫʒƷ", "ae": "æÆ",
        "oe": "œŒ", "ss": "ßẞ", "th": "þÞ", "hv": "ƕǶ", "ou": "ȣȢ",
    }.items()
    for variant in variants
}  # fmt: skip
# Step 5. The letter й comes apart in step 1 and is told from и before its breve is removed.
_SHORT_I = ("\u0438\u0306", "\u0418\u0306")
_UKRAINIAN_LETTERS = "іІєЄґҐ"
_CYRILLIC = _both_cases(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "к": "k",
        "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
        "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e",
        "ю": "yu", "я": "ya",
        # Ukrainian and Belarusian (ї and ў come apart in step 1), then Serbian and Macedonian, as their own
        # Latin has
        "є": "ye", "і": "i", "ґ": "g", "ђ": "d", "ѕ": "dz", "ј": "j", "љ": "lj", "њ": "nj",
        "ћ": "c", "џ": "dz",
        # before the Russian reform of 1918, then Kazakh, Kyrgyz, Tatar, Tajik, Mongolian and their neighbours
        "ѣ": "e", "ѳ": "f", "ѵ": "i", "ғ": "gh", "ҕ": "gh", "ӷ": "gh", "җ": "j", "ҙ": "z", "қ": "q", "ҝ": "g",
        "ҟ": "k", "ҡ": "q", "ӄ": "k", "ң": "n", "ҥ": "ng", "ӈ": "n", "ҧ": "p", "ҫ": "s", "ҭ": "t", "ү": "u",
        "ұ": "u", "ҳ": "h", "һ": "h", "ӽ": "h", "ҷ": "j", "ҹ": "j", "ӌ": "ch", "ҽ": "ch", "ҿ": "ch", "ӏ": "",
        "ә": "a", "ӕ": "ae", "ө": "o",
    }
)  # fmt: skip
# Step 6. Accents are gone by then; final sigma has no capital of its own.
_GREEK_PAIRS = {"ου": "ou", "αυ": "av", "ευ": "ev", "ηυ": "iv", "γγ": "ng"}
_GREEK = _both_cases(
    {
        "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k",
        "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "τ": "t", "υ": "y",
        "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
    }
) | {"ς": "s"}  # fmt: skip
# Step 7: Armenian, Georgian (Mtavruli) and Adlam capitals.
_OTHER_CAPITALS = _lower_case(0x531, 0x556, 0x30) | _lower_case(0x1E900, 0x1E921, 0x22)
_OTHER_CAPITALS |= _lower_case(0x1C90, 0x1CBA, -0xBC0) | _lower_case(0x1CBD, 0x1CBF, -0xBC0)


def _python_class(ranges: Iterable[tuple[int, int]]) -> str:
    return "[" + "".join(f"\\U{first:08X}-\\U{last:08X}" for first, last in ranges) + "]"


_REMOVED_RE = re.compile(_python_class(_REMOVED))
_SEPARATORS_RE = re.compile(_python_class(_SEPARATORS))
_NOT_ALPHANUMERIC_RE = re.compile(r"[\x00-/:-`{-\x7f]+")
_GREEK_PAIRS_RE = re.compile("|".join(_GREEK_PAIRS))
_GREEK_LOWER = str.maketrans({letter: letter.lower() for letter in _GREEK if letter.isupper()})
_UKRAINIAN = str.maketrans("иИ", "yy")
_UKRAINIAN_ONLY = frozenset(_UKRAINIAN_LETTERS)
_LETTERS = str.maketrans(_lower_case(0x41, 0x5A, 0x20) | _LATIN | _CYRILLIC | _GREEK | _OTHER_CAPITALS)


def normalise(text: str) -> str:
    """Give the spelling of `text` by which names are compared, as the SQL function coopdir_normalise does.

    >>> normalise("L'Abergement-Clémenciat"), normalise("Тимбукту")
    ('l abergement clemenciat', 'timbuktu')

    The result has lower-case letters and digits with single spaces between words, and is empty for pure
    punctuation.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        for short_i in _SHORT_I:
            text = text.replace(short_i, "y")
        text = _REMOVED_RE.sub("", text)
        if not text.isascii():
            text = _SEPARATORS_RE.sub(" ", text)
            if not _UKRAINIAN_ONLY.isdisjoint(text):
                text = text.translate(_UKRAINIAN)
            text = _GREEK_PAIRS_RE.sub(lambda pair: _GREEK_PAIRS[pair[0]], text.translate(_GREEK_LOWER))
            text = unicodedata.normalize("NFC", text.translate(_LETTERS))
    if text.isascii():
        text = text.lower()
    return _NOT_ALPHANUMERIC_RE.sub(" ", text).strip(" ")


_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DIVIDERS = re.compile(r"(?<=\S)[\x0b\x0c\x1c-\x1f]+(?=\S)")


def is_storable(text: str) -> bool:
    """True if PostgreSQL can store the text: no NUL, no lone surrogates."""
    return "\0" not in text and text.encode(errors="ignore").decode() == text


def clean(text: str) -> str:
    """A text without the characters that XML 1.0 cannot hold (production 2, ``Char``): control characters other than
    tab and the line ends, halves of surrogate pairs, U+FFFE and U+FFFF. What enters passes it, and so does what a
    writer of XML is handed, since older rows may hold anything.

    Where such a character alone divides two words, as the line break of presentations does (U+000B), a space is left.

    >>> clean("Di\\ajon\\vMainz")
    'Dijon Mainz'
    """
    return _NOT_TEXT.sub("", _DIVIDERS.sub(" ", text)) if _NOT_TEXT.search(text) else text


def replace_invalid_characters(text: str) -> str:
    """A text to be shown to whoever sent it: with � in the place of each character that is no text."""
    return _NOT_TEXT.sub("\ufffd", text)


def _sql_class(ranges: Iterable[tuple[int, int]]) -> str:
    return "'[" + "".join(f"\\U{first:08X}-\\U{last:08X}" for first, last in ranges) + "]+'"


def _sql_letters(table: dict[str, str], variable: str = "name") -> str:
    """Write the SQL that spells `variable` by the table.

    translate() can only give one character for one, so letters that give several are taken apart before it.
    They are few, and replace() of what is not there costs little.
    """
    several = {letter: latin for letter, latin in table.items() if len(latin) > 1}
    sql = variable
    for letter, latin in several.items():
        sql = f"replace({sql}, '{letter}', '{latin}')"
    # Letters that give nothing must come last: translate() removes what has no counterpart.
    single = sorted((item for item in table.items() if len(item[1]) <= 1), key=lambda item: not item[1])
    return f"translate({sql}, '{''.join(k for k, _ in single)}', '{''.join(v for _, v in single)}')"


_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")


def side_by_side(names: Iterable[str]) -> str:
    """Names in one line with dashes between them, which also stay in this order where they are written from right to
    left: an invisible mark (U+200E) after such a name keeps the next one from being drawn before it.

    >>> side_by_side(["Quetigny", "Koulikoro"])
    'Quetigny – Koulikoro'
    """
    return " – ".join(f"{name}\u200e" if _RIGHT_TO_LEFT.search(name) else name for name in names)


def normalise_function_sql() -> str:
    """Write the statement that creates coopdir_normalise(text).

    PL/pgSQL rather than SQL, because it can stop early: most names are ASCII or become so once their accents
    are gone. It depends on no collation of the database: only "C" is used, and classes are code point ranges.
    """
    pairs = "name"
    for pair, latin in _GREEK_PAIRS.items():
        pairs = f"replace({pairs}, '{pair}', '{latin}')"
    capitals = {letter: letter.lower() for letter in _GREEK if letter.isupper()}
    return f"""
CREATE OR REPLACE FUNCTION coopdir_normalise(value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $function$
DECLARE
    name text COLLATE "C" := value;
BEGIN
    IF octet_length(name) <> length(name) THEN
        name := normalize(name, NFKD);
        name := replace(replace(name, '{_SHORT_I[0]}', 'y'), '{_SHORT_I[1]}', 'y');
        name := regexp_replace(name, {_sql_class(_REMOVED)}, '', 'g');
        IF octet_length(name) <> length(name) THEN
            name := regexp_replace(name, {_sql_class(_SEPARATORS)}, ' ', 'g');
            IF name ~ '[\\u0080-\\u02AF\\u1E9E\\u2C60-\\u2C7F\\uA720-\\uA7FF\\u1D7D]' THEN
                name := {_sql_letters(_LATIN)};
            END IF;
            IF name ~ '[\\u0370-\\u03FF]' THEN
                name := {_sql_letters(capitals)};
                name := {pairs};
                name := {_sql_letters(_GREEK)};
            END IF;
            IF name ~ '[\\u0400-\\u04FF]' THEN
                IF name ~ '[{_UKRAINIAN_LETTERS}]' THEN
                    name := translate(name, 'иИ', 'yy');
                END IF;
                name := {_sql_letters(_CYRILLIC)};
            END IF;
            IF octet_length(name) <> length(name) THEN
                IF name ~ '[\\u0531-\\u0556\\u1C90-\\u1CBF\\U0001E900-\\U0001E921]' THEN
                    name := {_sql_letters(_OTHER_CAPITALS)};
                END IF;
                name := normalize(name, NFC);
            END IF;
        END IF;
    END IF;
    name := lower(name);
    IF name ~ '[\\u0001-/:-`{{-\\u007F]' THEN
        name := btrim(regexp_replace(name, '[\\u0001-/:-`{{-\\u007F]+', ' ', 'g'), ' ');
    END IF;
    RETURN name;
END
$function$"""
