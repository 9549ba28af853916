#!/usr/bin/env python3
"""The office asks for a request to an authority outside: what the person reads of it on a real
Chromium, and what is refused or shown for what it is when a portal asks for one under another name."""

import re
import subprocess
import unittest

from appliance import run
from phone import Phone
from world import World, b64


class Certification(Phone):
    @classmethod
    def make_world(cls):
        return World('answer_seconds = 600\n\n[external_ca]\nauthorities = "tls/ca.pem"\nnew_keys = false')

    def openssl(self, *arguments, **more):
        return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=True, **more).stdout

    def request_info(self, subject, key):
        """The part of a request that is signed (RFC 2986 §4.1), of somebody's key."""
        der = self.openssl("req", "-new", "-key", key, "-utf8", "-subj", subject, "-outform", "DER")
        # "    3:d=1  hl=3 l= 155 cons: SEQUENCE"
        second = self.openssl("asn1parse", "-inform", "DER", input=der).decode().splitlines()[1]
        offset, head, length = (int(one) for one in re.match(r" *(\d+):d=1 +hl=(\d+) +l= *(\d+)", second).groups())
        return der[offset:offset + head + length]

    def test_the_person_reads_the_name_and_approves(self):
        self.world.appliance.admin("credential", "request", self.credential)
        self.opens()
        self.assertEqual(self.browser.text(selector="#requester"), "Văn phòng đăng ký")
        self.assertIn("chưa có văn bản nào được ký", self.browser.text(selector="#purpose"))
        self.assertIn("Yêu cầu cấp chứng thư: CN=Signer an", self.browser.text(selector="#documents"))
        self.browser.click(selector="#documents .open")
        self.browser.waitText(selector="#document-fits", text="đúng là tài liệu")
        self.assertEqual(self.browser.text(selector="#request-subject"), "CNSigner anserialNumberanCVN")
        self.assert_accessible()
        self.browser.click(selector="#document-close")
        self.browser.click(selector="#approve")
        self.browser.waitText(selector="h1", text="Đã ký")
        self.assert_accessible()

        done = run("kyso", "credential", "csr", self.credential, "--data", self.world.appliance.data)

        self.assertEqual(done.returncode, 0, done.stderr)
        self.openssl("req", "-noout", "-verify", input=done.stdout.encode())

    def test_a_request_about_another_key_is_refused_whoever_asks(self):
        key = self.world.appliance.base / "other.key"
        self.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
        info = self.request_info("/C=VN/serialNumber=an/CN=Signer an", key)
        handle = self.asks([self.digest_of(info)], documents=[{"document_name": "Hợp đồng", "document": b64(info)}])
        self.opens()
        self.browser.click(selector="#documents .open")
        self.browser.waitText(selector="#refused", text="document")
        self.assertEqual(self.browser.count(selector="#approve, #document"), 0)
        self.ends(handle)

    def digest_of(self, content):
        file = self.world.appliance.base / "content"
        file.write_bytes(content)
        return self.openssl("dgst", "-sha256", "-binary", file)

    def test_a_portal_that_calls_one_a_contract_is_seen_through(self):
        shown = self.world.appliance.admin("credential", "show", self.credential)
        public = self.world.appliance.base / "an.pub"
        certificate = shown["certificates"][0].encode()
        public.write_bytes(self.openssl("x509", "-pubkey", "-noout", input=certificate))
        # With this person's key and another's name: openssl takes the key of the certificate.
        spki = self.openssl("pkey", "-pubin", "-in", public, "-pubout", "-outform", "DER")
        name = self.openssl("asn1parse", "-genconf", "/dev/stdin", "-noout", "-out", "/dev/stdout",
                            input=b"asn1=SEQUENCE:n\n[n]\na=SET:s\n[s]\nb=SEQUENCE:p\n[p]\n"
                                  b"o=OID:2.5.4.3\nv=FORMAT:UTF8,UTF8:Somebody else\n")
        content = bytes((2, 1, 0)) + name + spki + bytes((0xA0, 0))
        self.assertLess(len(content), 0x80)
        info = bytes((0x30, len(content))) + content
        handle = self.asks([self.digest_of(info)], documents=[{"document_name": "Hợp đồng", "document": b64(info)}])
        self.opens()
        self.browser.click(selector="#documents .open")
        self.browser.waitText(selector="#request-subject", text="Somebody else")
        self.assertIn("không phải văn bản", self.browser.text(selector="#document"))
        self.browser.click(selector="#document-close")
        self.ends(handle)


if __name__ == "__main__":
    unittest.main()
