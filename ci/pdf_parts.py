#!/usr/bin/env python3
"""pdf_parts.py [--timestamp] PDF CMS CONTENT: takes the last signature of a PDF apart, or the last document
time-stamp, into its CMS and the bytes it covers."""

import re
import sys


SIGNATURE = b"/ETSI.CAdES.detached"
TIMESTAMP = b"/ETSI.RFC3161"


def all_parts(pdf, kind=SIGNATURE):
    """(CMS in DER, covered bytes) of each signature of this kind, the oldest first."""
    for numbers in re.findall(rb"/ByteRange \[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)", pdf):
        begin, size, rest, rest_size = map(int, numbers)
        if kind in pdf[rest:pdf.index(b"endobj", rest)]:
            der = bytes.fromhex(pdf[begin + size + 1:rest - 1].decode("ascii"))
            yield der, pdf[begin:begin + size] + pdf[rest:rest + rest_size]


def parts(pdf, kind=SIGNATURE):
    """The last of them."""
    return list(all_parts(pdf, kind))[-1]


def main():
    arguments = sys.argv[1:]
    kind = SIGNATURE
    if arguments[0] == "--timestamp":
        kind = TIMESTAMP
        arguments.pop(0)
    pdf_file, cms_file, content_file = arguments
    with open(pdf_file, "rb") as file:
        cms, content = parts(file.read(), kind)
    for name, written in ((cms_file, cms), (content_file, content)):
        with open(name, "wb") as file:
            file.write(written)


if __name__ == "__main__":
    main()
