"""Countries on which matching is tuned, and those on which it is reported.

Drawn up before the first weight was set. The 25 countries of the files from Wikidata alternate in the alphabetical
order of the files (austria reports, belgium tunes, bulgaria reports …). Every other country goes by the last letter of
its ISO 3166-1 code: A, C, E … tune, B, D, F … report. A town belongs to the side of its own country, in whichever file
it stands, so that no name is on both. The crawl of 2016 (`crawl2016-*.tsv`) has no countries: it reports.

Word lists, weights and thresholds may be read off the tuning side only; limits are kept on the reporting side.
"""

TUNING = frozenset({"BE", "HR", "CZ", "EE", "FR", "HU", "IT", "LT", "PL", "RO", "SI", "SE"})
"""ISO codes of the countries of files that tune."""

REPORTING = frozenset({"AT", "BG", "CY", "DK", "FI", "DE", "IE", "LV", "NL", "PT", "SK", "ES", "GB"})
"""ISO codes of the countries of files that report."""


def tunes(country: str) -> bool:
    """True for towns of a country on the tuning side, given its ISO code."""
    if country in TUNING or country in REPORTING:
        return country in TUNING
    return ord(country[-1]) % 2 == ord("A") % 2
