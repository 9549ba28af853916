"""The campaign of ci/faults: every instruction that a scenario reaches in the code under attack is
skipped once, at its first execution, and what the module then does is put into a class."""

import collections
import random
import re
import struct
import subprocess
import time

from unicorn import UcError

from fault_curves import Curves
from fault_machine import Hang, Image, Machine, watch

# Functions of a target that end a run: tests/faults/runtime.h.
ENDS = ("unauthorised", "as_approved")
# A run hangs when it has taken so many times what the scenario's request in order took in the same
# process: on a slow machine as on a fast one. Short ones are given some time all the same; when the
# library is attacked, the curves' own work comes to it.
TIMES_IN_ORDER = 10
SECONDS_MIN = 0.4
LIBRARY_SECONDS_MIN = 20
# C functions that are no library but the scenarios' own.
OWN_C = re.compile("unauthorised|as_approved|world_start|__wrap_|_init$|_fini$|__cxa_|abort$|exit$|atexit$")
# One run in so many is made without a fault.
CHECKED_EVERY = 200
STATUS_OK = 0x5A3C
SCENARIO = struct.Struct("<IIIIHxx")  # tests/faults/scenario.h

# What a fault may lead to. Only the last is the attacker's.
CLASSES = ("refused", "as approved", "crashed", "hung", "accepted")


def demangle(names):
    listed = subprocess.run(
        ["arm-none-eabi-c++filt"], input="\n".join(names), capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return dict(zip(names, listed))


class Scenario:
    def __init__(self, image, fields):
        self.name = image.text_at(fields[0])
        self.prepare, self.warm_up, self.attack, self.refusal = fields[1:]

    @property
    def is_control(self):
        return self.refusal == STATUS_OK


class Target:
    """An image, started: each scenario begins from the memory that it leaves. Under attack is the
    firmware's own code, or the libraries beneath it."""

    def __init__(self, path, library=False):
        self.library = library
        self.seconds_min = LIBRARY_SECONDS_MIN if library else SECONDS_MIN
        self.image = Image(path)
        table = self.image.flash[
            self.image.symbols["scenarios"] : self.image.symbols["scenarios_end"]
        ]
        self.scenarios = [
            Scenario(self.image, fields) for fields in SCENARIO.iter_unpack(bytes(table))
        ]
        self.plain_names = demangle([name for _, _, name in self.image.functions])
        curves = Curves(self.image)
        self.quiet = Machine(self.image)
        curves.attach(self.quiet)
        self.quiet.call(self.image.address("world_start"))
        self.started = bytes(self.quiet.ram)
        # What is attacked runs twice: once without a fault, and from each of its instructions on
        # with one.
        self.golden, self.victim = Machine(self.image), Machine(self.image)
        for machine in (self.golden, self.victim):
            # To be attacked, the library has to run once for real.
            if machine is self.victim or not library:
                curves.attach(machine)
            for symbol in ENDS:
                machine.stop_at(symbol)
        self.on_instruction = None
        for begin, end in self.attacked_ranges():
            self.golden.hook(begin, end, lambda address: self.on_instruction(address))

    def function_at(self, address):
        return self.plain_names[self.image.function_at(address)]

    def is_attacked(self, name):
        """All C++ but the scenarios is the firmware; C is Mbed TLS, TinyCBOR, libc."""
        if name.startswith("_Z"):
            return not self.library and "tests::faults" not in self.plain_names[name]
        return self.library and not OWN_C.match(name)

    def attacked_ranges(self):
        ranges = []
        for start, end, name in self.image.functions:
            if not self.is_attacked(name):
                continue
            if ranges and start <= ranges[-1][1] + 4:
                ranges[-1][1] = max(end, ranges[-1][1])
            else:
                ranges.append([start, end])
        return ranges


class ItBlocks:
    """Which condition state an instruction of an IT block has: neither a hook nor a register says
    so, and a skipped instruction moves it on like an executed one."""

    def __init__(self, image):
        self.image = image
        self.states = {}

    def see(self, address):
        low, high = self.image.flash[address : address + 2]
        if high != 0xBF or low & 0xF == 0:
            return
        state = low
        at = address + 2
        while state & 0xF:
            self.states[at] = state
            at += self.image.instruction_size(at)
            state = self.advance(state)

    @staticmethod
    def advance(state):
        return 0 if state & 7 == 0 else state & 0xE0 | state << 1 & 0x1F

    def after_skip(self, address, size):
        state = self.states.get(address, 0)
        at = address
        while at < address + size and state:
            state = self.advance(state)
            at += self.image.instruction_size(at)
        return state


class Campaign:
    """One scenario of one target; `share` of its instructions, chosen by `seed`."""

    def __init__(self, target, scenario, sizes, share=1.0, seed=0):
        self.target = target
        self.scenario = scenario
        self.sizes = sizes
        self.share = share
        self.random = random.Random(f"{scenario.name} {seed}")
        self.it_blocks = ItBlocks(target.image)
        self.watch = watch()
        self.seen = set()
        self.attacked = set()
        self.seconds_max = target.seconds_min
        # (address, size) -> class
        self.found = {}

    def prepare(self):
        machine = self.target.quiet
        machine.restore(self.target.started)
        machine.call(self.scenario.prepare)
        begun = time.thread_time()
        if machine.call(self.scenario.warm_up) & 0xFFFF != STATUS_OK:
            raise RuntimeError(f"{self.scenario.name}: the request in order is refused")
        took = time.thread_time() - begun
        self.seconds_max = max(self.target.seconds_min, TIMES_IN_ORDER * took)
        self.target.golden.restore(machine.ram)

    def run(self):
        self.prepare()
        self.target.on_instruction = self.arrive
        answer = self.target.golden.call(self.scenario.attack)
        expected = None if self.scenario.is_control else self.scenario.refusal
        if (answer if answer is None else answer & 0xFFFF) != expected:
            raise RuntimeError(f"{self.scenario.name}: answers {answer} without any fault")
        if not self.seen:
            raise RuntimeError(f"{self.scenario.name}: nothing of the firmware has run")
        return self

    def arrive(self, address):
        if address in self.seen:
            return
        self.seen.add(address)
        self.it_blocks.see(address)
        if self.share < 1 and self.random.random() >= self.share:
            return
        self.attacked.add(address)
        golden = self.target.golden
        registers = golden.registers()
        if len(self.attacked) % CHECKED_EVERY == 1:
            self.check_victim(golden.ram, registers, address)
        for size in self.sizes:
            self.found[address, size] = self.classify(golden.ram, registers, address, size)

    def check_victim(self, ram, registers, address):
        """From here without a fault the victim has to do what it did in the unfaulted run: nothing
        may be left in it of what it went through before."""
        found = self.classify(ram, registers, address, 0)
        if found != ("as approved" if self.scenario.is_control else "refused"):
            raise RuntimeError(f"{self.scenario.name}: {found} without a fault, at {address:#x}")

    def classify(self, ram, registers, address, size):
        victim = self.target.victim
        victim.restore(ram)
        victim.set_registers(registers, self.it_blocks.after_skip(address, size))
        try:
            answer = victim.resume(address + size, self.watch, self.seconds_max)
            return self.verdict(answer)
        except UcError:
            return "crashed"
        except Hang:
            return "hung"

    def verdict(self, answer):
        victim = self.target.victim
        if victim.stopped_at == "as_approved" and self.scenario.is_control:
            # What was approved once: the same request again, now without a fault.
            victim.call(self.scenario.attack)
            return "accepted" if victim.stopped_at in ENDS else "as approved"
        if victim.stopped_at in ENDS:
            return "accepted"
        if not victim.has_its_stack():
            return "crashed"
        return "accepted" if answer & 0xFFFF == STATUS_OK else "refused"
