"""Officers whose approval passkeys are in browsers: how they come into the group of a running
appliance, each beside a phone in software of the same person."""

import json
import subprocess

from appliance import answer
from browser import Browser

def make_passkey(browser, approve_at):
    """Its lines for the plan of the group."""
    browser.goto(url=approve_at + "/officer")
    browser.fill(selector="#device-name", text="Máy cán bộ")
    browser.click(selector="#create")
    browser.wait(selector="#plan-lines")
    return browser.text(selector="#plan-lines")


def open_paper(browser, approve_at, paper):
    """On the page for papers, which needs no server but for itself."""
    browser.goto(url=approve_at + "/ceremony")
    browser.upload(selector="#paper", files=[str(paper)])


def approve_paper(browser, approve_at, paper, approval):
    open_paper(browser, approve_at, paper)
    browser.click(selector="#approve")
    browser.wait(selector="#done")
    approval.write_text(browser.download(selector="#save"), encoding="utf-8")


def connect_phone(browser, link):
    browser.goto(url="about:blank")
    browser.goto(url=link)
    browser.click(selector="#connect")
    browser.wait(selector="#empty")


class Officers:
    """Two people, each with a passkey in a Chromium and another in a phone in software; both are
    needed. The appliance has to be started anew once they are members."""

    def __init__(self, appliance, approve_at):
        self.appliance, self.approve_at = appliance, approve_at
        self.folder = appliance.base / "group"
        self.folder.mkdir()
        self.browsers = [Browser(appliance.tls_ca) for _ in range(2)]
        # The first person's is the one that the appliance began with.
        self.phones = [appliance.officer, appliance.base / "officer-2.json"]

    def close(self):
        for browser in self.browsers:
            browser.close()

    def paper(self, name):
        return self.folder / f"{name}.json"

    def on_module(self, *arguments):
        data = self.appliance.data
        return answer("kyso", "ceremony", *arguments, "--module", data / "run/module-1.sock",
                      "--psk", data / "psk/module-1/operator.psk")

    def first_point(self):
        key = json.loads(self.phones[0].read_text())["passkey"]["private_key"]
        spki = subprocess.run(["openssl", "pkey", "-pubout", "-outform", "DER"], check=True,
                              input=key.encode(), capture_output=True).stdout
        return spki[-65:].hex()

    def make_passkeys(self):
        """Their lines for the plan of the group."""
        self.points = []
        lines = []
        for browser in self.browsers:
            lines.append(make_passkey(browser, self.approve_at))
            self.points.append(lines[-1].split('"')[1])
        made = answer("kyso-phone", "officer", "--store", self.phones[1], "--rp-id",
                      "approve.localhost", "--origin", self.approve_at, "--person", "2")
        for point in (self.first_point(), made["point"]):
            lines.append(f'[[officers]]\npoint = "{point}"\nbackup_eligible = false')
            self.points.append(point)
        return "".join(f"{one}\nperson = {i % 2 + 1}\n" for i, one in enumerate(lines))

    def describe_group(self):
        """The group as it is, with these officers, both needed."""
        answer("kyso-custodian", "public", "--key", self.appliance.data /
               "ceremony/custodian-key.pem", "--out", self.paper("custodian"))
        self.on_module("identity", "--out", self.paper("identity"))
        # A member's own paper has the configuration that it is in.
        self.on_module("prepare-zeroise", "--out", self.paper("never"))
        now = json.loads(self.paper("never").read_text())["configuration"]
        before = {"kyso": "configuration/1", "configuration": now}
        self.paper("before").write_text(json.dumps(before))
        plan = self.folder / "plan.toml"
        plan.write_text(
            'class = "software"\nrp_id = "approve.localhost"\n'
            f'origin = "{self.approve_at}"\nofficers_needed = 2\ncustodians_needed = 1\n'
            'custodians = ["custodian.json"]\nmembers = ["identity.json"]\n' +
            self.make_passkeys())
        answer("kyso", "ceremony", "configure", "--plan", plan, "--after", self.paper("before"),
               "--out", self.paper("group"))

    def become_members(self):
        """Everybody who was an officer, and everybody who is to be one, agrees."""
        self.describe_group()
        change = self.paper("change")
        self.on_module("prepare-change", "--configuration", self.paper("group"), "--out", change)
        for i, browser in enumerate(self.browsers):
            approve_paper(browser, self.approve_at, change, self.paper(f"approval-{i}"))
        for i, phone in enumerate(self.phones, 2):
            answer("kyso", "ceremony", "approve", "--in", change, "--phone", phone, "--out",
                   self.paper(f"approval-{i}"))
        approvals = [word for i in range(4) for word in ("--approval", self.paper(f"approval-{i}"))]
        self.on_module("change", "--in", change, *approvals)

    def connect(self):
        """Each to the server, which has been started anew."""
        links = [self.appliance.admin("officer", "add", "--name", f"Cán bộ {i % 2 + 1}", "--point",
                                      point)["link"] for i, point in enumerate(self.points)]
        for browser, link in zip(self.browsers, links, strict=False):
            connect_phone(browser, link)
        answer("kyso-phone", "connect", "--link", "-", "--store", self.phones[1], "--ca",
               self.appliance.tls_ca, input=links[3])

    def approve_on_phone(self, person, purpose):
        """In software, at a terminal: what the phone cannot judge is left to its person."""
        (item,) = answer("kyso-phone", "pending", "--store", self.phones[person - 1])
        assert item["purpose"] == purpose, item
        answer("kyso-phone", "approve", "--store", self.phones[person - 1], item["id"], input="y\n")
