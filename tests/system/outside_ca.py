"""A certification authority that is none of ours, by the openssl program."""

import subprocess
import tempfile
from pathlib import Path


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise AssertionError(f"openssl {arguments}: {done.stderr}")
    return done.stdout + done.stderr


class OutsideCa:
    """A root and what stands between it and people; with lists of what is revoked where `lists_at` says at
    which address its folder is served."""

    def __init__(self, folder, name="Outside", lists_at=None):
        self.folder = Path(tempfile.mkdtemp(dir=folder))
        self.lists_at = lists_at
        self.root, self.between = self.folder / "root.pem", self.folder / "between.pem"
        authority = self.folder / "authority.cnf"
        authority.write_text("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
                             "subjectKeyIdentifier=hash\n" + self.list_extension("root"))
        for key in ("root.key", "between.key"):
            openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.folder / key)
        openssl("req", "-x509", "-new", "-key", self.folder / "root.key", "-subj", f"/C=VN/CN={name} Root",
                "-days", "3650", "-out", self.root)
        request = self.folder / "between.csr"
        openssl("req", "-new", "-key", self.folder / "between.key", "-subj", f"/C=VN/CN={name} CA", "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.root, "-CAkey", self.folder / "root.key",
                "-CAcreateserial", "-days", "1800", "-extfile", authority, "-out", self.between)

    def list_extension(self, issuer):
        return f"crlDistributionPoints=URI:{self.lists_at}/{issuer}.crl\n" if self.lists_at else ""

    def publish_lists(self):
        for issuer in ("root", "between"):
            (self.folder / "index.txt").touch()
            settings = self.folder / "list.cnf"
            settings.write_text(f"[ca]\ndefault_ca=a\n[a]\ndatabase={self.folder}/index.txt\ndefault_md=sha256\n")
            pem = self.folder / "list.pem"
            openssl("ca", "-config", settings, "-gencrl", "-crldays", "30", "-cert", self.folder / f"{issuer}.pem",
                    "-keyfile", self.folder / f"{issuer}.key", "-out", pem)
            openssl("crl", "-in", pem, "-outform", "DER", "-out", self.folder / f"{issuer}.crl")

    def issue(self, request, name, usage="critical,digitalSignature,nonRepudiation", days=365, extended=None):
        """The certificate for a request in PEM; in a file."""
        out, extensions = self.folder / f"{name}.pem", self.folder / f"{name}.cnf"
        extensions.write_text(f"basicConstraints=CA:FALSE\nkeyUsage={usage}\nsubjectKeyIdentifier=hash\n" +
                              self.list_extension("between") +
                              (f"extendedKeyUsage={extended}\n" if extended else ""))
        openssl("x509", "-req", "-in", request, "-CA", self.between, "-CAkey", self.folder / "between.key",
                "-CAcreateserial", "-days", days, "-extfile", extensions, "-out", out)
        return out
