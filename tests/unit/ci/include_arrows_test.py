"""Includes against an arrow of ARCHITECTURE §6 are found, and those along one are not."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../ci"))
import include_arrows

AGAINST = [
    ("hsm/base/x.h", '"hsm/protocol/frame.h"'),
    ("hsm/protocol/x.h", '"hsm/client/session.h"'),
    ("hsm/protocol/x.cc", '"hsm/openssl/digest.h"'),
    ("hsm/openssl/x.cc", '"hsm/client/session.h"'),
    ("hsm/client/x.cc", '"cloudsign/error.h"'),
    ("hsm/softphone/x.cc", '"hsm/client/session.h"'),
    ("firmware/app/x.cc", '"board/host/flash.h"'),
    ("firmware/app/x.cc", '"hsm/client/session.h"'),
    ("firmware/app/x.cc", '"hsm/openssl/digest.h"'),
    ("board/host/x.cc", '"hsm/client/session.h"'),
    ("board/host/x.cc", '"hsm/openssl/digest.h"'),
    ("board/host/x.cc", '"cloudsign/error.h"'),
    ("board/mps2_an505/x.cc", '"board/host/flash.h"'),
    ("cloudsign/csc/x.cc", '"server/http/request.h"'),
    ("cloudsign/csc/x.cc", '"hsm/client/session.h"'),
    ("cloudsign/csc/x.cc", '"firmware/activation/challenge.h"'),
    ("server/api/x.cc", '"firmware/activation/challenge.h"'),
    ("server/api/x.cc", '"hsm/softphone/phone.h"'),
    ("server/api/x.cc", '"server/cli/up.h"'),
    ("server/api/x.cc", '"board/host/flash.h"'),
    ("server/api/x.cc", '"tests/support/clock.h"'),
    ("server/api/x.cc", '"request.h"'),
    ("server/api/x.cc", "<server/http/request.h>"),
    ("hsm/base/x.h", "<openssl/evp.h>"),
    ("hsm/protocol/x.cc", "<boost/json.hpp>"),
    ("firmware/activation/x.cc", "<mbedtls/sha256.h>"),
    ("firmware/activation/x.cc", "<psa/crypto.h>"),
    ("firmware/engine/x.cc", "<psa/crypto.h>"),
    ("hsm/client/x.cc", "<mbedtls/ssl.h>"),
    ("cloudsign/csc/x.cc", "<soci/soci.h>"),
    ("server/api/x.cc", "<qpdf/QPDF.hh>"),
    ("server/app/x.cc", "<sqlite3.h>"),
    ("server/http/x.h", "<boost/beast/http.hpp>"),
    ("server/app/x.h", "<boost/beast.hpp>"),
]

ALONG = [
    ("hsm/protocol/x.h", '"hsm/base/result.h"'),
    ("hsm/client/x.cc", '"hsm/protocol/frame.h"'),
    ("hsm/openssl/x.cc", "<openssl/evp.h>"),
    ("hsm/client/x.cc", '"hsm/openssl/pointers.h"'),
    ("hsm/softphone/x.cc", '"hsm/openssl/digest.h"'),
    ("firmware/app/x.cc", '"hsm/protocol/frame.h"'),
    ("firmware/app/x.cc", '"firmware/hal/flash.h"'),
    ("board/host/x.cc", '"firmware/hal/flash.h"'),
    ("board/mps2_an505/x.cc", '"board/cortex_m/vectors.h"'),
    ("cloudsign/csc/x.cc", '"cloudsign/transaction/transaction.h"'),
    ("cloudsign/csc/x.cc", '"hsm/protocol/merkle.h"'),
    ("cloudsign/csc/x.cc", '"hsm/openssl/digest.h"'),
    ("server/app/x.cc", '"hsm/client/session.h"'),
    ("server/api/x.cc", '"hsm/openssl/digest.h"'),
    ("server/cli/x.cc", '"hsm/softphone/phone.h"'),
    ("server/cli/x.cc", '"server/app/app.h"'),
    ("tests/unit/x.cc", '"board/host/flash.h"'),
    ("tests/unit/x.cc", "<soci/soci.h>"),
    ("firmware/engine/psa/x.cc", "<psa/crypto.h>"),
    ("firmware/channel/x.cc", "<mbedtls/ssl.h>"),
    ("cloudsign/store/x.h", "<soci/soci.h>"),
    ("cloudsign/document/x.h", "<qpdf/QPDF.hh>"),
    ("server/http/x.cc", "<boost/beast/http.hpp>"),
    ("server/net/x.h", "<boost/beast/http.hpp>"),
    ("server/http/x.h", "<boost/json.hpp>"),
    ("hsm/base/x.h", "<span>"),
]


def found(path, include):
    return list(include_arrows.findings(path, f"#pragma once\n\n#include {include}\n"))


class IncludeArrows(unittest.TestCase):
    def test_finds_each_include_against_an_arrow(self):
        for path, include in AGAINST:
            with self.subTest(f"{path} {include}"):
                self.assertEqual([line for line, _ in found(path, include)], [3])

    def test_leaves_each_include_along_an_arrow_alone(self):
        for path, include in ALONG:
            with self.subTest(f"{path} {include}"):
                self.assertEqual(found(path, include), [])

    def test_finds_an_include_with_spaces_in_the_directive(self):
        text = '  #  include   "board/host/flash.h"\n'

        self.assertEqual(len(list(include_arrows.findings("server/x.cc", text))), 1)


if __name__ == "__main__":
    unittest.main()
