"""Names that must not stand in the product: hosts of package registries (where packages come from
is the machine's own configuration) and documents that are not part of this repository."""

import re

# Written so that no pattern matches its own source.
PLACES = (
    (r"(?:deb|security|ftp|snapshot|archive)\.(?:debian|ubuntu)\.(?:org|com)", "a registry host"),
    (r"registry\.(?:npmjs|yarnpkg)\.(?:org|com)", "a registry host"),
    (r"(?:files\.)?py(?:pi|thonhosted)\.org", "a registry host"),
    (r"(?:index\.|static\.)?crates\.(?:io)\b", "a registry host"),
    (r"(?:proxy|sum)\.golang\.(?:org)", "a registry host"),
    (r"registry-1\.docker\.(?:io)", "a registry host"),
    (r"repo1?\.maven\.(?:org|apache)", "a registry host"),
    (r"/work/(?:shared)\b", "a folder outside the repository"),
    (r"\bshared/(?=ARCH|STYLE|style/|reference/|vectors/|hooks/)", "a folder outside the repository"),
)
PATTERNS = [(re.compile(pattern), what) for pattern, what in PLACES]


def findings(path, text):
    """Yields (line, message)."""
    del path
    for pattern, what in PATTERNS:
        for match in pattern.finditer(text):
            yield text.count("\n", 0, match.start()) + 1, f"names {what}: {match.group()}"
