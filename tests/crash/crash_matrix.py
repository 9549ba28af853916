#!/usr/bin/env python3
"""kill -9 of kyso-server and of kyso-module at every step of a signature.

A cell of the matrix is (victim, circumstance, arming point, mode, N): one whole signature
(authorize, the phone's approval, authorizeCheck, signHash), in which from the arming point on the
victim's N-th write, sync or send is its last call; alone, together with the other program, or for
longer than anybody waits at once. It is started again, and the portal repeats what was not answered.
It must end with one signature, which every later call repeats byte for byte, or with a clear
refusal; asking the signer again is right when nothing was signed. At the end the audit log verifies
(which refuses one occurrence signed twice), and holds no signature that no portal got.

What was written survives a kill, synced or not: lost writes are the stores' own tests' matter.

Environment: KYSO_BIN, KYSO_CRASH_SHIM, PYTHONPATH=tests/system; KYSO_SEED for another sample,
KYSO_LONG=1 for the whole matrix instead of one.
"""

import argparse
import collections
import itertools
import os
import random
import subprocess
import sys
import time

import portal
from crash_site import Failed, Fuse, Site

VICTIMS = ("kyso-server", "kyso-module")
POINTS = ("authorize", "approve", "signHash")
MODES = ("before", "after", "torn")
CIRCUMSTANCES = {"kyso-server": ("alone", "both"), "kyso-module": ("alone", "both", "late")}
SAMPLE_PER_POINT = 12
FLOW_TIME = 120.0
REPEATED_REFUSALS = 5

Cell = collections.namedtuple("Cell", "victim circumstance point mode calls")


class Violation(Exception):
    """The product did what it must never do."""


class Flow:
    """One signature for a hash of its own."""

    def __init__(self, site, csc, digest):
        self._site = site
        self._csc = csc
        self._digest = digest
        self.asked_again = False
        self.signature = None
        self.sad = None

    def run(self, at_point):
        """`at_point(name)` is called once at each point. Raises portal.Refused."""
        deadline = time.monotonic() + FLOW_TIME
        points = iter(POINTS)

        def reach(name):
            for point in points:
                at_point(point)
                if point == name:
                    return

        reach("authorize")
        handle = self._csc.authorize(self._digest)
        reach("approve")
        refusals = collections.Counter()
        approved = False
        while True:
            if time.monotonic() > deadline:
                raise Violation(f"no end after {FLOW_TIME:.0f} s; refusals {dict(refusals)}")
            self.sad = self._csc.check(handle)
            if self.sad is None:
                self.asked_again = self.asked_again or approved
                self._site.approve()
                continue
            approved = True
            reach("signHash")
            self.signature, refusal = self._csc.sign(self.sad, self._digest)
            if self.signature is not None:
                return
            refusals[refusal] += 1
            if refusals[refusal] == REPEATED_REFUSALS:
                raise portal.Refused(f"signHash: {refusal}")

    def check_signature(self):
        folder = self._site.folder
        (folder / "hash").write_bytes(self._digest)
        (folder / "signature").write_bytes(self.signature)
        checked = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-certin", "-inkey", self._site.certificate,
             "-in", folder / "hash", "-sigfile", folder / "signature"],
            capture_output=True, text=True, check=False)
        if checked.returncode != 0:
            raise Violation(f"the signature does not verify: {checked.stderr}")

    def check_repeated(self):
        again, refusal = self._csc.sign(self.sad, self._digest)
        if again != self.signature:
            raise Violation(f"the same signHash again: {refusal or 'another signature'}")


class Matrix:
    def __init__(self, site, seed):
        self._site = site
        self._random = random.Random(seed)
        self._csc = portal.Portal(site.url, site.authority, site.signer.client,
                                  site.signer.secret.read_text().strip(), site.signer.credential)
        self.counts = collections.Counter()
        self.where = collections.Counter()
        self.refusals = []

    def run_cell(self, cell):
        """Whether the victim was killed, and how many counted calls the flow had left."""
        fuse = self._site.fuse(cell.victim)
        flow = Flow(self._site, self._csc, self._random.randbytes(32))
        repeated = self._csc.repeated

        def at_point(point):
            if point == cell.point:
                self._site.expect(cell.circumstance)
                fuse.light(cell.calls, cell.mode)

        refusal = None
        try:
            flow.run(at_point)
        except portal.Refused as refused:
            refusal = str(refused)
        left = 0
        if fuse.crashed_at() is None:
            left = fuse.put_out(self._site.modules)
        self._site.wait_until_up()
        killed = fuse.crashed_at()
        self._record(cell, flow, killed, refusal, self._csc.repeated - repeated)
        if flow.signature is not None:
            flow.check_signature()
            flow.check_repeated()
        return killed is not None, left

    def _record(self, cell, flow, killed, refusal, repeated):
        self.counts["flows"] += 1
        self.counts["kills"] += killed is not None
        self.counts["repeated calls"] += repeated
        if killed is not None:
            self.where[f"{cell.victim}: {killed.split(' ')[0]}"] += 1
        if refusal is not None:
            self.counts["refusals"] += 1
            self.refusals.append(f"{cell}: {refusal}")
        elif flow.asked_again:
            self.counts["asked again"] += 1
        elif killed is not None:
            self.counts["same signature after the restart"] += 1
        print(f"{cell.victim} {cell.circumstance} {cell.point} {cell.mode} {cell.calls}: "
              f"{killed or 'not killed'}; {repeated} calls repeated"
              f"{'; asked again' if flow.asked_again else ''}"
              f"{'; refused: ' + refusal if refusal else ''}", flush=True)

    def sample(self):
        for victim, point in itertools.product(VICTIMS, POINTS):
            unlimited = Fuse.UNLIMITED
            _, left = self.run_cell(Cell(victim, "alone", point, "before", unlimited))
            calls = unlimited - left
            for chosen in self._random.sample(range(1, calls + 1), min(calls, SAMPLE_PER_POINT)):
                circumstance = self._random.choice(CIRCUMSTANCES[victim])
                mode = self._random.choice(MODES)
                self.run_cell(Cell(victim, circumstance, point, mode, chosen))

    def whole(self):
        for victim in VICTIMS:
            for row in itertools.product(CIRCUMSTANCES[victim], POINTS, MODES):
                for calls in itertools.count(1):
                    killed, _ = self.run_cell(Cell(victim, *row, calls))
                    if not killed:
                        break

    def check_log(self, before):
        signatures = self._site.verify_audit() - before
        delivered = self.counts["flows"] - self.counts["refusals"]
        self.counts["signatures in the log"] = signatures
        if signatures != delivered:
            raise Violation(f"{signatures} signatures in the log, {delivered} delivered")


def run(site, seed, whole):
    site.start()
    before = site.verify_audit()
    matrix = Matrix(site, seed)
    try:
        if whole:
            matrix.whole()
        else:
            matrix.sample()
        matrix.check_log(before)
    finally:
        print(f"crash matrix, seed {seed}: "
              + ", ".join(f"{count} {name}" for name, count in matrix.counts.items()))
        print("last calls: " + ", ".join(f"{name} {count}" for name, count in matrix.where.items()))
        for refusal in matrix.refusals:
            print("refused: " + refusal)
    if matrix.counts["kills"] == 0:
        raise Failed("nothing was ever killed: is the shim loaded?")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="keep the folder")
    options = parser.parse_args()
    seed = int(os.environ.get("KYSO_SEED", "1"))
    whole = os.environ.get("KYSO_LONG") == "1"
    site = Site(os.environ["KYSO_CRASH_SHIM"])
    try:
        run(site, seed, whole)
        print("0 violations")
        return 0
    except (Violation, Failed, AssertionError, portal.Refused) as failure:
        print(f"FAILED: {type(failure).__name__}: {failure}")
        for log in sorted((site.data / "log").glob("*")):
            print(f"--- {log.name}\n" + "\n".join(log.read_text().splitlines()[-15:]))
        return 1
    finally:
        site.stop()
        if options.keep:
            print(f"kept: {site.folder}")
        else:
            site.remove()


if __name__ == "__main__":
    sys.exit(main())
