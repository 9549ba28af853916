#!/usr/bin/env python3
"""signDoc's other formats than CAdES and PAdES: what is made around a document's hash, judged by
`openssl` from what the standards say of it."""

import base64
import hashlib
import json
import secrets
import subprocess
import time
import unittest
import urllib.parse

from appliance import wait_until
from cases import ECDSA_SHA256, RSA_SHA256, SHA256
from documents import V2, DocumentPortal
from receiver import der_integer, unb64url
from world import b64


class Jades(DocumentPortal):
    """The header names the document by its hash: ETSI TS 119 182-1, 5.2.8.3.3."""

    KEYS = {"credential_a": ("an", "p256"), "credential_rsa": ("binh", "rsa2048")}

    def approved_jws(self, document, **more):
        return self.approved([hashlib.sha256(document).digest()], hashType="SDR",
                             signature_format="J", documents=[{"document_name": "hồ sơ.json"}], **more)

    def only_jws(self, got):
        self.assertEqual(got.status, 200, got.text)
        self.assertEqual(set(got.json), {"SignatureObject"})
        (jws,) = (base64.b64decode(one).decode() for one in got.json["SignatureObject"])
        return jws

    def verify_jws(self, jws, content, algorithm="ES256", credential="credential_a"):
        header, payload, value = jws.split(".")
        self.assertEqual(payload, "")
        read = json.loads(unb64url(header))
        self.assertEqual((read["alg"], read["b64"], read["crit"]), (algorithm, False, ["b64", "sigD"]))
        self.assertEqual(read["sigD"], {
            "mId": "http://uri.etsi.org/19182/ObjectIdByURIHash",
            "pars": [urllib.parse.quote("hồ sơ.json")], "hashM": "S256",
            "hashV": [base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")]})
        (certificate,) = (base64.b64decode(one) for one in read["x5c"])
        self.assertEqual(unb64url(read["x5t#S256"]), hashlib.sha256(certificate).digest())
        self.assertLess(abs(time.time() - read["iat"]), 120)
        signature = unb64url(value)
        options = ("digest:sha256",)
        if algorithm == "ES256":
            numbers = der_integer(signature[:32]) + der_integer(signature[32:])
            signature, options = b"\x30" + bytes([len(numbers)]) + numbers, ()
        self.assert_verifies(signature, hashlib.sha256(header.encode() + b".").digest(), credential,
                             options)

    def by_hash(self, document):
        return {"hashes": [b64(hashlib.sha256(document).digest())], "hashAlgorithmOID": SHA256,
                "signature_format": "J", "signAlgo": ECDSA_SHA256}

    def test_a_jws_names_the_document_by_its_hash(self):
        document = b'{"so": 7}'
        sad = self.approved_jws(document)
        self.assert_refused(self.sign_doc(sad, documents=[self.document(document)]),
                            "documentDigests or documents are not authorized by the SAD")

        for what in ({"documents": [self.document(document, signature_format="J")]},
                     {"documentDigests": [self.by_hash(document)]}):
            self.verify_jws(self.only_jws(self.sign_doc(sad, **what)), document)

    def test_by_an_rsa_key(self):
        document = secrets.token_bytes(100)
        sad = self.approved_jws(document, credential="credential_rsa")
        got = self.sign_doc(sad, credentialID=self.world.values["credential_rsa"], documents=[
            {**self.document(document, signature_format="J"), "signAlgo": RSA_SHA256}])
        self.verify_jws(self.only_jws(got), document, "RS256", "credential_rsa")

    def test_asynchronously(self):
        document = secrets.token_bytes(50)
        sad = self.approved_jws(document)
        got = self.sign_doc(sad, operationMode="A", documentDigests=[self.by_hash(document)])
        self.assertEqual(got.status, 200, got.text)
        asked = {"requestID": got.json["responseID"]}
        done = wait_until(lambda: (answer := self.call(V2 + "signatures/signPolling", asked)).status
                          != 202 and answer, "the asynchronous answer")
        self.verify_jws(self.only_jws(done), document)

    def test_the_same_hash_in_another_format_does_not_join(self):
        hashes = [secrets.token_bytes(32)]
        handles = {self.asks_v2(hashes, hashType="SDR", signature_format=name) for name in "CPJX"}
        self.assertEqual(len(handles), 4)
        self.world.approve("an")

    def test_info_names_the_formats_that_are_served(self):
        formats = self.call(V2 + "info", {}).json["signature_formats"]
        self.assertEqual(formats, {
            "formats": ["C", "P", "J", "X"],
            "envelope_properties": [["Detached", "Attached"], ["Revision"], ["Detached"],
                                    ["Detached"]]})


class Xades(DocumentPortal):
    """The signature is a file of its own that names the document by its label and hash."""

    KEYS = {"credential_a": ("an", "p256"), "credential_rsa": ("binh", "rsa2048")}

    def approved_xml(self, document, **more):
        return self.approved([hashlib.sha256(document).digest()], hashType="SDR",
                             signature_format="X", documents=[{"document_name": "ho-so.bin"}], **more)

    def verify_xml(self, got, content):
        """By the xmlsec1 program."""
        self.assertEqual(got.status, 200, got.text)
        self.assertEqual(set(got.json), {"SignatureObject"})
        (xml,) = (base64.b64decode(one) for one in got.json["SignatureObject"])
        self.assertIn(b'URI="ho-so.bin"', xml)
        base = self.world.appliance.base
        (base / "signature.xml").write_bytes(xml)
        (base / "content").write_bytes(content)
        done = subprocess.run(
            ["xmlsec1", "--verify", "--trusted-pem", self.world.appliance.data / "ca.pem",
             "--id-attr:Id", "SignedProperties", "--url-map:ho-so.bin", base / "content",
             base / "signature.xml"], capture_output=True, text=True)
        return done.returncode == 0

    def test_the_signature_names_the_document(self):
        document = secrets.token_bytes(100)
        sad = self.approved_xml(document)
        by_hash = {"hashes": [b64(hashlib.sha256(document).digest())], "hashAlgorithmOID": SHA256,
                   "signature_format": "X", "signAlgo": ECDSA_SHA256}

        for what in ({"documents": [self.document(document, signature_format="X")]},
                     {"documentDigests": [by_hash]}):
            got = self.sign_doc(sad, **what)
            self.assertTrue(self.verify_xml(got, document))
            self.assertFalse(self.verify_xml(got, document + b"x"))

    def test_by_an_rsa_key(self):
        document = secrets.token_bytes(100)
        sad = self.approved_xml(document, credential="credential_rsa")
        got = self.sign_doc(sad, credentialID=self.world.values["credential_rsa"], documents=[
            {**self.document(document, signature_format="X"), "signAlgo": RSA_SHA256}])
        self.assertTrue(self.verify_xml(got, document))


if __name__ == "__main__":
    unittest.main(verbosity=2)
