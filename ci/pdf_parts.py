#!/usr/bin/env python3
"""pdf_parts.py PDF CMS CONTENT: takes the last signature of a PDF apart, into its CMS and the bytes it covers."""

import re
import sys


def parts(pdf):
    """(CMS in DER, covered bytes) of the last signature."""
    begin, size, rest, rest_size = (
        int(n) for n in re.findall(rb"/ByteRange \[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)", pdf)[-1])
    der = bytes.fromhex(pdf[begin + size + 1:rest - 1].decode("ascii"))
    return der, pdf[begin:begin + size] + pdf[rest:rest + rest_size]


def main():
    pdf_file, cms_file, content_file = sys.argv[1:]
    with open(pdf_file, "rb") as file:
        cms, content = parts(file.read())
    for name, written in ((cms_file, cms), (content_file, content)):
        with open(name, "wb") as file:
            file.write(written)


if __name__ == "__main__":
    main()
