"""Counts the instructions of what handles secrets: as many for each secret, or one tells of it."""

import collections
import functools
import struct

from fault_curves import Curves
from fault_machine import Machine

TIMED = struct.Struct("<III")  # tests/faults/timing.h


class Counter:
    def __init__(self, target):
        self.image = target.image
        self.machine = Machine(self.image)
        Curves(self.image).attach(self.machine)
        self.machine.restore(target.started)
        self.counted = Machine(self.image)
        self.counted.hook_blocks(self.add)
        self.count = 0

    def add(self, address, size):
        self.count += self.instructions(address, size)

    @functools.lru_cache(maxsize=None)
    def instructions(self, address, size):
        count = 0
        end = address + size
        while address < end:
            address += self.image.instruction_size(address)
            count += 1
        return count

    def measure(self, prepare, run):
        self.machine.call(prepare)
        self.counted.restore(self.machine.ram)
        self.count = 0
        self.counted.call(run)
        return self.count


def counts(target, inputs):
    """name -> how many inputs took how many instructions"""
    image = target.image
    counter = Counter(target)
    table = bytes(image.flash[image.symbols["timed"] : image.symbols["timed_end"]])
    found = {}
    for name, prepare, run in TIMED.iter_unpack(table):
        found[image.text_at(name)] = collections.Counter(
            counter.measure(prepare, run) for _ in range(inputs)
        )
    return found
