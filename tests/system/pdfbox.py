"""PDFs as PDFBox and Bouncy Castle judge them (PdfBoxJudge.java)."""

import dataclasses
import subprocess
from pathlib import Path

JARS = ":".join(f"/usr/share/java/{name}.jar" for name in
                ("pdfbox2", "fontbox2", "commons-logging", "bcprov", "bcpkix", "bcutil"))
SOURCE = Path(__file__).resolve().with_name("PdfBoxJudge.java")


@dataclasses.dataclass
class Verdict:
    """The judge's words: about each signature and time-stamp, and about the security store, if there is one."""

    signatures: list
    store: str | None

    def count(self, beginning):
        return sum(one.startswith(beginning) for one in self.signatures)

    @property
    def people(self):
        return self.count("Sig ETSI.CAdES.detached valid")

    @property
    def stamps(self):
        return self.count("DocTimeStamp ETSI.RFC3161 valid")

    @property
    def wrong(self):
        return sum(" wrong: " in one for one in self.signatures)

    def is_valid(self):
        return (self.people + self.stamps == len(self.signatures) and
                (self.store is None or self.store.endswith(" valid")))

    def is_whole(self):
        """Whether one of them covers the file to its end; at B-LT what proves them stands behind them."""
        return sum(one.endswith(" whole") for one in self.signatures) == 1


class PdfBox:
    """The judge, compiled into a folder of its own under `base`."""

    def __init__(self, base):
        self.classes = base / "pdfbox"
        # The jars' own manifests name some that Debian leaves out: no matter of ours.
        subprocess.run(["javac", "-Xlint:all,-path", "-Werror", "-cp", JARS, "-d", self.classes, SOURCE],
                       check=True)

    def judged(self, anchors, pdf):
        done = subprocess.run(["java", "-cp", f"{JARS}:{self.classes}", "PdfBoxJudge", anchors, pdf],
                              capture_output=True, text=True, check=True)
        lines = [line.partition(" ")[::2] for line in done.stdout.splitlines()]
        return Verdict([said for about, said in lines if about == "signature"],
                       next((said for about, said in lines if about == "store"), None))
