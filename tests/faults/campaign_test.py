"""The campaign has to see what nobody has hardened, and to say so as ci/faults promises."""

import collections
import json
import os
import pathlib
import subprocess
import sys
import unittest
import unittest.mock

SOURCE = pathlib.Path(os.environ["KYSO_SOURCE"])
FAULTS = SOURCE / "ci" / "faults"

sys.path.insert(0, str(FAULTS.parent))
import fault_campaign


def run(*arguments):
    return subprocess.run([FAULTS, *arguments], capture_output=True, text=True)


def accepted(report, size):
    return sum(
        one["bytes"] == size for result in report["results"] for one in result["accepted"]
    )


class CampaignTest(unittest.TestCase):
    CASE = ("--scenario", "sign: user not verified", "--sizes", "2,4", "--json", "--jobs", "2",
            "--share", "0.4")

    def test_breaks_what_is_not_hardened(self):
        done = run("--variant", "unhardened", *self.CASE)

        self.assertEqual(done.returncode, 1, done.stderr)
        report = json.loads(done.stdout)
        self.assertGreater(accepted(report, 2), 0)
        self.assertGreater(accepted(report, 4), 0)
        self.assertEqual(
            report["accepted_at_2_and_4_bytes"], accepted(report, 2) + accepted(report, 4)
        )

    def test_breaks_each_place_that_is_not_hardened(self):
        for scenario in (
            "bind: an officer alone",
            "boot: image not by the maker",
            "boot: image that the KEK does not vouch for",
            "policy: an officer's passkey",
            "share: not by its custodian",
        ):
            with self.subTest(scenario):
                done = run("--variant", "unhardened", "--optimisation", "Os", "--sizes", "2,4",
                           "--scenario", scenario, "--json", "--jobs", "2", "--share", "0.5")

                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertGreater(json.loads(done.stdout)["accepted_at_2_and_4_bytes"], 0)

    def test_does_not_take_for_hung_what_a_slow_machine_answers(self):
        scenario = "policy: an officer's passkey"
        run("--variant", "unhardened", "--optimisation", "Os", "--sizes", "2", "--share", "0.01",
            "--scenario", scenario)  # builds

        with unittest.mock.patch.object(fault_campaign, "SECONDS_MIN", 0):
            target = fault_campaign.Target(SOURCE / "build/faults-Os/bin/kyso-faults-unhardened.elf")
        chosen = next(one for one in target.scenarios if one.name == scenario)
        campaign = fault_campaign.Campaign(target, chosen, sizes=(2,), share=0.3).run()

        self.assertGreater(collections.Counter(campaign.found.values())["accepted"], 2)

    def test_does_not_break_the_same_when_it_is(self):
        done = run(*self.CASE)

        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual(report["accepted_at_2_and_4_bytes"], 0)
        # Not for want of looking: the same places, at both optimisations.
        self.assertEqual({result["optimisation"] for result in report["results"]}, {"-Os", "-O2"})
        self.assertGreater(report["runs"], 4_000)

    def test_refuses_wrong_usage(self):
        for arguments in (("--sizes", "3"), ("--share", "0"), ("--nonsense",)):
            self.assertEqual(run(*arguments).returncode, 2, arguments)

    def test_fails_for_a_scenario_that_is_not_there(self):
        self.assertNotEqual(run("--scenario", "no such scenario").returncode, 0)


if __name__ == "__main__":
    unittest.main()
