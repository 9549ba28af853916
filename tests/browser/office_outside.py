#!/usr/bin/env python3
"""The registration office where an authority outside certifies keys: what a registrar sees of a request,
and asks anew, in a real Chromium."""

import shutil
import tempfile
import unittest
from pathlib import Path

from appliance import answer, run
from office import Office as AnyOffice
from outside_ca import OutsideCa
from world import World


class Office(AnyOffice):
    @classmethod
    def make_world(cls):
        folder = Path(tempfile.mkdtemp(prefix="kyso-outside-"))
        cls.addClassCleanup(shutil.rmtree, folder)
        cls.outside = OutsideCa(folder)
        return World(f'answer_seconds = 600\n\n[external_ca]\nauthorities = "{cls.outside.root}"')

    def kyso(self, *arguments):
        done = run("kyso", *arguments, "--data", self.world.appliance.data)
        self.assertEqual(done.returncode, 0, done.stderr)

    def assert_shows(self, status, request):
        self.shows_signer("an")
        self.browser.waitText(selector="#credentials", text=status)
        self.browser.waitText(selector="#credentials", text=request)
        self.assertEqual(self.browser.accessibility(), [])

    def test_a_request_from_the_binding_to_the_certificate(self):
        appliance, phone = self.world.appliance, self.world.phone("an")
        self.world.add_signer("an")
        invited = appliance.admin("credential", "add", "--signer", "an")
        answer("kyso-phone", "enrol", "--link", "-", "--store", phone, "--ca", appliance.tls_ca, input=invited["link"])
        (binding,) = answer("kyso-phone", "pending", "--store", appliance.officer)
        answer("kyso-phone", "approve", "--store", appliance.officer, "--yes", binding["id"])

        self.assert_shows("Chờ cấp chứng thư", "Chờ phê duyệt trên điện thoại")
        (asked,) = self.world.pending("an")
        answer("kyso-phone", "reject", "--store", phone, asked["id"])
        self.assert_shows("Chờ cấp chứng thư", "Người này chưa phê duyệt")

        self.does("[id^=request-]")
        self.browser.waitText(selector="#done", text="Đã hỏi người này trên điện thoại")
        self.assertTrue(self.logged("security: office, hoa asks signers to request a certificate outside of cred_"))
        self.world.approve("an")
        self.assert_shows("Chờ cấp chứng thư", "Đã phê duyệt, chờ cấp")
        request = appliance.base / "an.csr"
        self.kyso("credential", "csr", invited["credential_id"], "--out", request)
        self.kyso("credential", "import", self.outside.issue(request, "an"), self.outside.between)

        self.assert_shows("Hoạt động", "Đã cấp")
        self.assertEqual(self.browser.count(selector="[id^=renew-]"), 0)
        self.assertEqual(self.browser.count(selector="[id^=request-]"), 1)


if __name__ == "__main__":
    unittest.main()
