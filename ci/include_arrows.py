"""Include arrows: which folder may include which, and where each library may appear.

The table is ARCHITECTURE §6 in a form that a machine reads; a folder that is not named here has
the row of the nearest folder above it.
"""

import re

SHARED = ("hsm/base", "hsm/protocol")
# What host programs share beside it, and no module has.
HOST = ("hsm/openssl", *SHARED)

# folder -> folders it may include besides itself.
ARROWS = {
    "hsm/base": (),
    "hsm/sync": (),
    "hsm/protocol": ("hsm/base",),
    "hsm/openssl": SHARED,
    "hsm/client": ("hsm/sync", *HOST),
    "hsm/pkcs11": ("hsm/client", *HOST),
    "hsm/cli": ("hsm/client", *HOST),
    "hsm/softphone": HOST,
    "hsm/custodian": HOST,
    "firmware": SHARED,
    "board/host": ("firmware", *SHARED),
    "board": ("firmware", "board/cortex_m", *SHARED),
    "cloudsign": ("hsm/sync", *HOST),
    "server": ("cloudsign", "hsm/client", "hsm/sync", *HOST),
    # The embedded first start approves as signer and officer in software.
    "server/cli": ("server", "cloudsign", "hsm/cli", "hsm/client", "hsm/custodian", "hsm/softphone",
                   *HOST),
    "tests": ("hsm", "firmware", "board", "cloudsign", "server"),
}

HEADERS = (".h", ".hpp")
ROOTS = sorted({folder.split("/")[0] for folder in ARROWS})

# (what is included, the only folders that may, whether the rule is about headers alone). Tests may
# use every library.
LIBRARIES = (
    (r"(mbedtls|psa)/", ("firmware/engine/psa", "firmware/channel"), False),
    (r"(soci/|sqlite3\.h)", ("cloudsign/store",), False),
    (r"libxml/", ("cloudsign/document",), False),
    (r"qpdf/", ("cloudsign/document", "cloudsign/verify"), False),
    (r"(hb[.-]|png\.h)", ("cloudsign/document",), False),
    (r"boost/beast[/.]", ("server/net",), True),
    (r"(boost|openssl)/", ("hsm/openssl", "hsm/client", "hsm/pkcs11", "hsm/cli", "hsm/softphone",
                           "hsm/custodian", "board/host", "cloudsign", "server"), False),
)

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.M)


def lies_in(path, folder):
    return path == folder or path.startswith(folder + "/")


def folder_of(path):
    """The longest folder of the table that holds `path`, or None."""
    holding = [folder for folder in ARROWS if lies_in(path, folder)]
    return max(holding, key=len, default=None)


def arrow_finding(source, included):
    if not any(lies_in(included, root) for root in ROOTS):
        return f'"{included}" does not start at the repository root'
    folder = folder_of(source)
    target = folder_of(included)
    if target is None:
        return f'"{included}" lies in no folder of the table in ci/include_arrows.py'
    if target == folder or any(lies_in(target, allowed) for allowed in ARROWS[folder]):
        return None
    allowed = ", ".join(ARROWS[folder]) or "only itself"
    return f'"{included}": {folder} may not include {target} (may: {allowed})'


def library_finding(source, included):
    if any(lies_in(included, root) for root in ROOTS):
        return f"<{included}>: our own headers are included with quotes"
    if lies_in(source, "tests"):
        return None
    for pattern, folders, headers_only in LIBRARIES:
        if not re.match(pattern, included) or (headers_only and not source.endswith(HEADERS)):
            continue
        if not any(lies_in(source, folder) for folder in folders):
            where = "in headers only in" if headers_only else "only in"
            return f"<{included}> belongs {where} {', '.join(folders)}"
    return None


def findings(path, text):
    """Yields (line, message) for each include of `path` that goes against an arrow."""
    if folder_of(path) is None:
        return
    for match in INCLUDE.finditer(text):
        quoted, angled = match.groups()
        message = arrow_finding(path, quoted) if quoted else library_finding(path, angled)
        if message:
            yield text.count("\n", 0, match.start(match.lastindex)) + 1, message
