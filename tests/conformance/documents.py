"""signDoc as portals ask for it, and the PDFs that they prepare for it."""

import base64
import hashlib
import secrets
import subprocess

from cases import ECDSA_SHA256
from pdf_parts import parts as pdf_parts_of
from signing import Portal
from world import b64

V2 = "/csc/v2/"


def pdf_for_a_signature(room=9000):
    """A page, and a signature field whose /Contents are zeros: what a portal's PDF library makes."""
    value = (b"<< /Type /Sig /Filter /Adobe.PPKLite /Name (%s) /ByteRange [" % secrets.token_hex(8).encode() +
             b" " * 41 + b"] /Contents <" + b"0" * (2 * room) + b"> /SubFilter /ETSI.CAdES.detached >>")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] /SigFlags 3 >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Annots [4 0 R] >>",
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature1) /F 132 /P 3 0 R /Rect [0 0 0 0] /V 5 0 R >>",
        value]
    pdf = b"%PDF-1.7\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(pdf)
    pdf += (b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in offsets) +
            b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start)
    begin = pdf.index(b"/Contents <") + len(b"/Contents ")
    behind = begin + 2 * room + 2
    place = pdf.index(b"/ByteRange [") + len(b"/ByteRange [")
    numbers = b"0 %d %d %d" % (begin, behind, len(pdf) - behind)
    return pdf[:place] + numbers.ljust(41) + pdf[place + 41:]


class DocumentPortal(Portal):
    """A portal that has documents signed."""

    def approved_for(self, documents):
        return self.approved([hashlib.sha256(one).digest() for one in documents], hashType="SDR",
                             documents=[{"document_name": f"{i}.txt"}
                                        for i in range(len(documents))])

    def sign_doc(self, sad, **what):
        return self.call(V2 + "signatures/signDoc", {
            "credentialID": self.world.values["credential_a"], "SAD": sad, **what})

    def document(self, content, **more):
        return {"document": b64(content), "signature_format": "C", "signAlgo": ECDSA_SHA256, **more}

    def verify(self, cms, content=None):
        """By `openssl cms -verify` under the CA's certificate; answers the content."""
        base = self.world.appliance.base
        (base / "cms").write_bytes(cms)
        extra = []
        if content is not None:
            (base / "content").write_bytes(content)
            extra = ["-content", base / "content"]
        done = subprocess.run(["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in",
                               base / "cms", "-CAfile", self.world.appliance.data / "ca.pem",
                               "-purpose", "any", *extra], capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def covered(self, pdf):
        return pdf_parts_of(pdf)[1]

    def approved_pdf(self, pdf):
        return self.approved([hashlib.sha256(self.covered(pdf)).digest()], hashType="SDR",
                             signature_format="P", documents=[{"document_name": "contract.pdf"}])
