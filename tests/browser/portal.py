#!/usr/bin/env python3
"""The signing portal in a real Chromium, and the person's phone in another: signs in by passkey, makes
a signature, places it by pointer, keyboard and keyword, has all papers of a dossier approved at once,
downloads them. What comes out is judged by pdfsig, by kyso verify and by the portal itself."""

import base64
import re
import struct
import subprocess
import unittest
import urllib.parse
import zlib

import screens
from appliance import run, wait_until
from phone import Phone, pdf

HEIGHT, WIDTH = 842, 595  # of the papers, in points


def png(width=40, height=20):
    """A blue stroke on a transparent ground."""
    row = b"\0" + b"".join(struct.pack("4B", 20, 60, 180, 255 if 8 < x % 16 else 0) for x in range(width))

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    header = struct.pack(">2I5B", width, height, 8, 6, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(row * height)) + chunk(b"IEND", b""))


def jpeg():
    """A picture as a phone's camera would make it; the service takes none."""
    return subprocess.run(["pdftoppm", "-jpeg", "-r", "40", "-singlefile", "-"], input=pdf("An"),
                          capture_output=True, check=True).stdout


def turned(document, rotation):
    """The same pages on their side; the offsets are found anew by whoever reads it."""
    return document.replace(b"/MediaBox[0 0 595 842]",
                            f"/MediaBox[0 0 595 842]/Rotate {rotation}".encode())


class Portal(Phone):
    """A phone that is enrolled, and another browser at whose portal the same person works."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.phone = cls.browser
        port = urllib.parse.urlsplit(cls.world.appliance.url).port
        cls.login_at = f"https://login.localhost:{port}"
        cls.portal_at = f"https://portal.localhost:{port}"
        cls.browser = cls.make_browser()
        cls.addClassCleanup(cls.browser.close)
        cls.browser.viewport(width=1280, height=900)
        # One test after the other asks the same person, who rejects.
        cls.world.appliance.admin("client", "set", "portal", "limit.open_requests=0",
                                  "limit.cool_down_seconds=0", "limit.opens_per_minute=0")
        invited = cls.world.appliance.admin("signer", "login-invite", "an")
        cls.browser.goto(url=invited["link"])
        cls.browser.fill(selector="#name", text="Máy ở nhà")
        cls.browser.click(selector="#register")
        cls.browser.waitText(selector="#message", text="Đã tạo khóa")

    def setUp(self):
        for browser in (self.phone, self.browser):
            browser.leave()
        self.browser.goto(url=self.portal_at + "/")
        self.browser.evaluate(script="""(async () => {
            sessionStorage.clear();
            const [database] = await indexedDB.databases();
            await new Promise((done) => {
                const request = indexedDB.deleteDatabase(database?.name ?? "none");
                request.onsuccess = request.onerror = request.onblocked = done;
            });
        })()""")
        self.browser.goto(url="about:blank")

    def tearDown(self):
        """Nobody was asked but the portal and, for the sign-in, the login host."""
        self.assertEqual(self.browser.complaints(), [])
        theirs = (self.portal_at + "/", self.login_at + "/", "about:", "blob:")
        self.assertEqual([url for url in self.browser.requests() if not url.startswith(theirs)], [])

    def shows(self, path, selector):
        self.browser.goto(url=self.portal_at + path)
        self.browser.wait(selector=selector)

    def is_asked_for_consent(self):
        """By the login host, which may remember the person from the last time."""
        self.shows("/", "#sign-in")
        self.browser.click(selector="#sign-in")
        self.browser.waitUrl(prefix=self.login_at + "/authorize/")
        self.browser.wait(selector="#sign-in, #allow")
        if not self.browser.count(selector="#allow"):
            self.browser.click(selector="#sign-in")
        self.browser.wait(selector="#allow")

    def signs_in(self):
        self.is_asked_for_consent()
        self.browser.click(selector="#allow")
        self.browser.wait(selector="#dossier")

    def file(self, name, content):
        path = self.world.appliance.base / name
        path.write_bytes(content)
        return str(path)

    def uploads(self, *files):
        """(name, content) each."""
        before = self.browser.count(selector="#papers > li")
        self.browser.upload(selector="#files", files=[self.file(*one) for one in files])
        wait_until(lambda: self.browser.count(selector="#papers > li") == before + len(files), "them")

    def makes_signature(self, name="Chữ ký của An", preset="lanh-dao", keyword="", picture=png()):
        self.browser.click(selector="#to-signatures")
        self.browser.click(selector="#add")
        self.browser.fill(selector="#profile-name", text=name)
        self.browser.select(selector="#profile-preset", value=preset)
        if picture:
            self.browser.upload(selector="#picture", files=[self.file("ky", picture)])
            self.browser.wait(selector="#profile-form img")
        self.browser.fill(selector="#profile-phone", text="0912 345 678")
        self.browser.fill(selector="#profile-keyword", text=keyword)
        self.browser.click(selector="#save")
        self.browser.wait(selector="#profiles .profile")
        self.browser.click(selector="#to-dossier")
        self.browser.wait(selector="#profile")
        self.chooses(name)

    def chooses(self, name):
        """A signature, by its name."""
        value = self.browser.evaluate(script=f"""Array.from(document.querySelectorAll("#profile option"))
            .find((one) => one.textContent === {name!r}).value""")
        self.browser.select(selector="#profile", value=value)
        self.browser.wait(selector="#preset")

    def places(self, number):
        """The page where the signature of the paper with that number is placed."""
        self.browser.click(selector=f"#papers > li:nth-child({number}) .place")
        self.browser.wait(selector=".sheet[data-ready=true] #box")

    def box(self):
        return [float(self.browser.evaluate(script=f'document.getElementById("box-{side}").value'))
                for side in ("x", "y", "width", "height")]

    def confirms(self, dossier="Hồ sơ số 7"):
        self.browser.fill(selector="#dossier-name", text=dossier)
        self.browser.click(selector="#confirm")
        self.browser.wait(selector=".asking")

    def brings_one(self):
        """One paper, to be signed in the corner."""
        self.signs_in()
        self.makes_signature(preset="van-ban", picture=None)
        self.uploads(("don.pdf", pdf("DON XIN PHEP")))
        self.browser.fill(selector="#value-number", text="Số: 12/QĐ")

    def asks_one(self):
        self.brings_one()
        self.confirms()

    def on_the_phone(self, button, heading):
        self.phone.goto(url=self.approve_at + "/")
        self.phone.wait(selector="#approve")
        self.phone.click(selector=button)
        self.phone.waitText(selector="h1", text=heading)

    def waits_for(self, state):
        wait_until(lambda: self.browser.count(selector=f".asking[data-state={state}]") == 1, state)

    def downloads(self, selector):
        """The file as the browser has stored it."""
        got = self.browser.downloaded(selector=selector)
        path = self.world.appliance.base / got["name"]
        path.write_bytes(base64.b64decode(got["bytes"]))
        return path

    def assert_signed(self, file, count=1):
        said = subprocess.run(["pdfsig", "-no-ocsp", "-nocert", file], capture_output=True, text=True,
                              check=False).stdout
        self.assertEqual(said.count("Signature is Valid."), count, said)
        judged = run("kyso", "verify", file, "--trust", self.world.appliance.ca, "--lang", "en")
        self.assertEqual(judged.stdout.count("Integrity: the document's hash matches: Passed"), count,
                         judged.stdout)

    def rectangle(self, file):
        """Of the signature, in the page's own user space."""
        (rectangle,) = re.findall(rb"/Rect \[ ([-\d. ]+) \]", file.read_bytes())
        return [float(number) for number in rectangle.split()]

    def assert_at(self, file, wanted):
        for is_, shall in zip(self.rectangle(file), wanted, strict=True):
            self.assertAlmostEqual(is_, shall, delta=0.2)


class Signing(Portal):
    def test_a_dossier_in_one_approval(self):
        self.signs_in()
        self.assertNotIn("code=", self.browser.url())
        self.makes_signature(keyword="NGUOI KY")
        self.uploads(("Quyết định.pdf", pdf("QUYET DINH", "NGUOI KY")), ("Tờ trình.pdf", pdf("TO TRINH")))
        # The keyword stands once on the first, and nowhere on the second.
        self.browser.waitText(selector="#papers > li:nth-child(1)", text="trang 2")
        self.browser.waitText(selector="#papers > li:nth-child(2)", text="Không thấy từ khóa")
        self.browser.fill(selector="#dossier-name", text="Hồ sơ bổ nhiệm")
        self.browser.click(selector="#confirm")
        self.browser.waitText(selector="#message", text="Hãy chọn vị trí ký trên Tờ trình.pdf")

        self.places(2)
        x, y, width, height = self.box()
        self.assertEqual((width, height), (120, 60))
        self.browser.drag(selector="#box", right=-100, down=-50)
        moved = self.box()
        self.assertLess(moved[0], x)
        self.assertGreater(moved[1], y)
        self.browser.evaluate(script='document.getElementById("box").focus()')
        for key in ("ArrowLeft", "ArrowUp", "Shift+ArrowRight", "Shift+ArrowUp"):
            self.browser.press(key=key)
        placed = [moved[0] - 5, moved[1] + 5, 125, 65]
        for is_, shall in zip(self.box(), placed, strict=True):
            self.assertAlmostEqual(is_, shall, delta=0.11)
        self.assert_accessible()
        placed = self.box()
        self.browser.click(selector="#choose")
        self.browser.waitText(selector="#papers > li:nth-child(2)", text="trang 1")

        self.browser.fill(selector="#reason", text="Phê duyệt")
        self.browser.fill(selector="#location", text="Kon Tum")
        self.assertIn("Signer an", self.browser.text(selector="#certificate-facts"))
        self.assert_accessible()
        self.browser.click(selector="#confirm")
        self.waits_for("waiting")
        self.assertIn("0912 345 678", self.browser.text(selector=".asking"))
        self.assert_accessible()

        self.phone.goto(url=self.approve_at + "/")
        self.phone.wait(selector="#approve")
        self.assertIn("Hồ sơ bổ nhiệm", self.phone.text(selector="#purpose"))
        self.assertIn("Quyết định.pdf", self.phone.text(selector="#documents"))
        self.assertEqual(self.phone.text(selector="#count"), "2 tài liệu")
        self.phone.click(selector="#approve")
        self.phone.waitText(selector="h1", text="Đã phê duyệt")

        self.waits_for("done")
        self.assertIn("Ký số thành công. Đang tải lại dữ liệu", self.browser.text(selector=".state"))
        self.assert_accessible()
        first = self.downloads(".asking li:nth-child(1) .download")
        second = self.downloads(".asking li:nth-child(2) .download")
        self.assertEqual([first.name, second.name], ["Quyết định_signed.pdf", "Tờ trình_signed.pdf"])
        for file in (first, second):
            self.assert_signed(file)
        self.assert_at(second, [placed[0], placed[1], placed[0] + placed[2], placed[1] + placed[3]])
        # In the middle above the keyword, which begins at (72, 720) in 24 points.
        left, bottom, right, top = self.rectangle(first)
        self.assertAlmostEqual((left + right) / 2, 72 + 130 / 2, delta=15)
        self.assertGreater(bottom, 720 + 15)
        self.assertLess(bottom, 720 + 35)

        self.browser.click(selector="#to-dossier")
        self.browser.wait(selector="#papers-none")
        self.browser.click(selector="#to-history")
        wait_until(lambda: self.browser.count(selector=".verdict[data-verdict=valid]") == 2, "verdicts")
        shown = self.browser.text(selector="#signed")
        for part in ("Signer an", "Hồ sơ bổ nhiệm", "HỢP LỆ", "Quyết định_signed.pdf"):
            self.assertIn(part, shown)
        self.assert_accessible()
        self.assertEqual(self.downloads("#signed > li:nth-child(1) .download").name, second.name)

    def test_on_pages_that_lie_on_their_side(self):
        self.signs_in()
        self.makes_signature(picture=jpeg())
        rotations = (90, 180, 270)
        self.uploads(*((f"quay-{one}.pdf", turned(pdf("NAM NGANG"), one)) for one in rotations))
        for number in range(1, 4):
            self.places(number)
            for side, value in zip(("x", "y", "width", "height"), (50, 30, 100, 40), strict=True):
                self.browser.fill(selector=f"#box-{side}", text=str(value))
                self.browser.press(key="Tab")
            self.assertEqual(self.box(), [50, 30, 100, 40])
            self.browser.click(selector="#choose")
            self.browser.waitText(selector=f"#papers > li:nth-child({number})", text="trang 1")
        self.confirms()
        self.on_the_phone("#approve", "Đã phê duyệt")
        self.waits_for("done")
        # As tests/unit/cloudsign/document/pdf_geometry_test.cc turns them.
        wanted = ([WIDTH - 70, 50, WIDTH - 30, 150], [WIDTH - 150, HEIGHT - 70, WIDTH - 50, HEIGHT - 30],
                  [30, HEIGHT - 150, 70, HEIGHT - 50])
        for number, rectangle in enumerate(wanted, 1):
            file = self.downloads(f".asking li:nth-child({number}) .download")
            self.assert_signed(file)
            self.assert_at(file, rectangle)

    def test_an_office_fills_in_a_number_and_puts_its_seal_over_the_heads_signature(self):
        paper = self.file("Công văn.pdf", pdf("KINH GUI", "TRANG HAI"))
        reserved = run("kyso", "document", "reserve", paper, "Số văn bản", "--box", "72,650,120,16")
        self.assertEqual(reserved.returncode, 0, reserved.stderr)
        self.signs_in()
        self.makes_signature("Người đứng đầu")
        self.browser.upload(selector="#files", files=[paper])
        self.browser.waitText(selector="#papers", text="Công văn")
        self.places(1)
        self.assertEqual(self.browser.text(selector="#fill label"), "Số văn bản (không bắt buộc)")
        for side, value in zip(("x", "y", "width", "height"), (350, 500, 120, 60), strict=True):
            self.browser.fill(selector=f"#box-{side}", text=str(value))
            self.browser.press(key="Tab")
        self.browser.click(selector="#choose")
        self.browser.waitText(selector="#papers", text="trang 1")
        self.confirms("Người đứng đầu")
        self.on_the_phone("#approve", "Đã phê duyệt")
        self.waits_for("done")
        headed = self.downloads(".asking .download")
        self.assert_signed(headed)

        self.browser.click(selector=".asking .noted")
        self.browser.click(selector="#to-dossier")
        self.browser.wait(selector="#papers-none")
        self.makes_signature("Con dấu", preset="to-chuc")
        self.browser.upload(selector="#files", files=[str(headed)])
        self.browser.waitText(selector="#papers", text="Công văn")
        self.places(1)
        self.browser.fill(selector="#page", text="2")
        self.browser.press(key="Tab")
        self.browser.waitText(selector="#page-text", text="TRANG HAI")
        self.browser.select(selector="#over", value="0")
        self.browser.waitText(selector="#page-text", text="KINH GUI")
        self.assertEqual(self.box(), [288, 479, 102, 102])
        self.browser.fill(selector="#fill-0", text="12/CV-SGDĐT")
        self.assert_accessible()
        self.browser.click(selector="#choose")
        self.browser.waitText(selector="#papers", text="trang 1")
        self.confirms("Văn thư")
        self.on_the_phone("#approve", "Đã phê duyệt")
        self.waits_for("done")
        sealed = self.downloads(".asking .download")
        self.assertTrue(sealed.read_bytes().startswith(headed.read_bytes()))
        self.assert_signed(sealed, 2)
        self.assertIn("12/CV-SGDĐT", subprocess.run(["pdftotext", sealed, "-"], capture_output=True,
                                                    text=True, check=True).stdout)

    def test_chooses_among_several_places_of_a_keyword(self):
        self.signs_in()
        self.makes_signature(keyword="KY")
        self.uploads(("don.pdf", pdf("KY O DAY", "KHONG", "VA KY O DAY")))
        self.browser.waitText(selector="#papers", text="Từ khóa có ở 2 chỗ")
        self.places(1)
        self.browser.click(selector="#find")
        self.browser.waitText(selector="#hits", text="2 chỗ")
        self.browser.select(selector="#hit", value="1")
        self.browser.waitText(selector="#page-text", text="VA KY O DAY")
        self.assertEqual(self.browser.evaluate(script='document.getElementById("page").value'), "3")
        self.browser.click(selector="#choose")
        self.browser.waitText(selector="#papers", text="trang 3")

    def test_goes_on_in_a_tab_that_was_closed(self):
        self.asks_one()
        self.browser.goto(url="about:blank")
        self.on_the_phone("#approve", "Đã phê duyệt")
        self.shows("/sign", ".asking")
        self.waits_for("done")
        self.assert_signed(self.downloads(".asking .download"))

    def test_an_answer_that_is_lost_on_the_way_is_asked_for_again(self):
        self.brings_one()
        self.browser.evaluate(script="""(() => {
            const real = window.fetch;
            let isLost = false;
            window.fetch = async (path, ...more) => {
                const answer = await real(path, ...more);
                if (!isLost && path === "/csc/v2/credentials/authorize") {
                    isLost = true;
                    throw new TypeError("lost");
                }
                return answer;
            };
        })()""")
        self.confirms()
        self.on_the_phone("#approve", "Đã phê duyệt")
        self.waits_for("done")
        self.assert_signed(self.downloads(".asking .download"))

    def test_by_keyboard_alone(self):
        self.signs_in()
        self.makes_signature()
        self.uploads(("don.pdf", pdf("DON XIN")))
        self.reaches("place")
        self.browser.press(key="Enter")
        self.browser.wait(selector=".sheet[data-ready=true] #box")
        x, y, width, height = self.box()
        self.reaches("box")
        self.browser.press(key="ArrowLeft")
        self.browser.press(key="Shift+ArrowDown")
        self.assertEqual(self.box(), [x - 5, y, width, height - 5])
        self.reaches("choose")
        self.browser.press(key="Enter")
        self.browser.waitText(selector="#papers", text="trang 1")
        self.browser.fill(selector="#dossier-name", text="Bằng bàn phím")
        self.reaches("confirm")
        self.browser.press(key="Enter")
        self.waits_for("waiting")
        self.on_the_phone("#approve", "Đã phê duyệt")
        self.waits_for("done")
        self.reaches("download")

    def reaches(self, name):
        """By the Tab key, an element of that id or class."""
        for _ in range(60):
            if self.browser.evaluate(script=f"""document.activeElement.id === "{name}" ||
                    document.activeElement.classList.contains("{name}")"""):
                return
            self.browser.press(key="Tab")
        self.fail(f"no way to {name}")


class Screens(screens.Pages, Portal):
    """Each page as people see it, judged by axe, at 200 % zoom and in forced colours."""

    usual = {"width": 1280, "height": 900}

    def test_a_dossier(self):
        self.shows("/", "#sign-in")
        self.keep("portal-sign-in")
        self.signs_in()
        self.keep("portal-empty")
        self.browser.click(selector="#to-history")
        self.browser.wait(selector="#history-none")
        self.keep("portal-history-empty")
        self.browser.click(selector="#to-signatures")
        self.browser.click(selector="#add")
        self.browser.upload(selector="#picture", files=[self.file("ky.png", png())])
        self.browser.click(selector="#profile-more")
        self.browser.wait(selector="#profile-form img")
        self.keep("portal-signature")
        self.browser.click(selector="#close")
        self.makes_signature(keyword="NGUOI KY")
        self.browser.click(selector="#to-signatures")
        self.browser.wait(selector=".profile")
        self.keep("portal-signatures")
        self.browser.click(selector="#to-dossier")
        self.uploads(("Quyết định.pdf", pdf("QUYET DINH", "NGUOI KY")), ("Tờ trình.pdf", pdf("NGUOI KY")))
        self.browser.waitText(selector="#papers > li:nth-child(2)", text="trang 1")
        self.browser.fill(selector="#dossier-name", text="Hồ sơ bổ nhiệm")
        self.keep("portal-dossier")
        self.places(1)
        self.keep("portal-place")
        self.browser.click(selector="#choose")
        self.confirms("Hồ sơ bổ nhiệm")
        self.keep("portal-waiting")
        self.on_the_phone("#approve", "Đã phê duyệt")
        self.waits_for("done")
        self.keep("portal-done")
        self.browser.click(selector="#to-history")
        wait_until(lambda: self.browser.count(selector=".verdict") == 2, "verdicts")
        self.keep("portal-history")


if __name__ == "__main__":
    unittest.main(verbosity=2)
