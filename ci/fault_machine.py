"""One fault target in an emulated Cortex-M4: calls its functions, and runs them with one fault."""

import bisect
import ctypes
import functools
import os
import struct
import threading
import time

from elftools.elf.elffile import ELFFile
from unicorn import (
    UC_ARCH_ARM,
    UC_HOOK_BLOCK,
    UC_HOOK_CODE,
    UC_MODE_MCLASS,
    UC_MODE_THUMB,
    UC_PROT_EXEC,
    UC_PROT_READ,
    UC_PROT_WRITE,
    Uc,
    UcError,
)
from unicorn.arm_const import (
    UC_ARM_REG_LR,
    UC_ARM_REG_PC,
    UC_ARM_REG_R0,
    UC_ARM_REG_R12,
    UC_ARM_REG_SP,
    UC_ARM_REG_XPSR,
    UC_CPU_ARM_CORTEX_M4,
)

# tests/faults/image.ld. No larger than needed: what reads on and on comes to an end sooner.
FLASH_SIZE = 256 << 10
RAM_BASE = 0x20000000
RAM_SIZE = 256 << 10
# Below the image: where a call returns to. No number that a frame holds by chance.
RETURN_TO = 0x3F4
FLAGS = 0xF8000000  # N, Z, C, V, Q of xPSR


class Image:
    """A target's ELF file: what is loaded, its symbols, its functions."""

    def __init__(self, path):
        with open(path, "rb") as file:
            elf = ELFFile(file)
            self.segments = [
                (segment["p_vaddr"], segment.data())
                for segment in elf.iter_segments()
                if segment["p_type"] == "PT_LOAD" and segment["p_filesz"]
            ]
            self.symbols = {}
            self.functions = []  # (start, end, name), ascending
            for symbol in elf.get_section_by_name(".symtab").iter_symbols():
                self.symbols[symbol.name] = symbol["st_value"]
                if symbol["st_info"]["type"] == "STT_FUNC" and symbol["st_size"]:
                    start = symbol["st_value"] & ~1
                    self.functions.append((start, start + symbol["st_size"], symbol.name))
        self.functions = sorted(set(self.functions))
        self.starts = [start for start, _, _ in self.functions]
        self.flash = bytearray(b"\xff" * FLASH_SIZE)
        self.initial_ram = bytearray(RAM_SIZE)
        for address, content in self.segments:
            place, base = (self.initial_ram, RAM_BASE) if address >= RAM_BASE else (self.flash, 0)
            place[address - base : address - base + len(content)] = content

    def address(self, symbol):
        return self.symbols[symbol] & ~1

    def function_at(self, address):
        """The symbol of the function that holds `address`."""
        i = bisect.bisect_right(self.starts, address) - 1
        return self.functions[i][2] if i >= 0 and address < self.functions[i][1] else None

    def instruction_size(self, address):
        return 4 if self.flash[address + 1] >> 3 in (0b11101, 0b11110, 0b11111) else 2

    def text_at(self, address):
        end = self.flash.index(0, address)
        return self.flash[address:end].decode()


REGISTERS = (*range(UC_ARM_REG_R0, UC_ARM_REG_R12 + 1), UC_ARM_REG_SP, UC_ARM_REG_LR)


class Hang(Exception):
    """A run that does not end."""


class Watch:
    """Stops a run that has taken too much of its thread's own time, however busy the host is.
    Unicorn's own timeout starts a thread for each run, which spins."""

    PERIOD_S = 0.05

    def __init__(self):
        self.lock = threading.Lock()
        self.run = None  # what runs now: (machine, end by the thread's clock)
        self.clock = time.pthread_getcpuclockid(threading.get_ident())
        threading.Thread(target=self.look, daemon=True).start()

    def look(self):
        while True:
            time.sleep(self.PERIOD_S)
            with self.lock:
                if self.run is not None and time.clock_gettime(self.clock) > self.run[1]:
                    self.run[0].emu_stop()

    def emu_start(self, uc, pc, seconds_max):
        self.run = (uc, time.clock_gettime(self.clock) + seconds_max)
        try:
            uc.emu_start(pc, RETURN_TO)
        finally:
            with self.lock:
                self.run = None


@functools.cache
def _watch_of(process):
    return Watch()


def watch():
    """The one of this process, which a fork leaves behind. For its main thread."""
    return _watch_of(os.getpid())


class Machine:
    """The processor and its memory. Flash is read-only, RAM does not execute, nothing else is
    mapped: as the MPU of a board has it."""

    # No run that ends asks more of them.
    SEAMS_MAX = 40

    def __init__(self, image):
        self.image = image
        self.ram = (ctypes.c_ubyte * RAM_SIZE).from_buffer_copy(image.initial_ram)
        self.uc = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        self.uc.ctl_set_cpu_model(UC_CPU_ARM_CORTEX_M4)
        self.uc.mem_map(0, FLASH_SIZE, UC_PROT_READ | UC_PROT_EXEC)
        self.uc.mem_write(0, bytes(image.flash))
        self.uc.mem_map_ptr(
            RAM_BASE, RAM_SIZE, UC_PROT_READ | UC_PROT_WRITE, ctypes.addressof(self.ram)
        )
        self.stopped_at = None  # the symbol whose hook has ended the run
        self.seams = {}
        # A wild instruction may leave another mode, mask or stack behind.
        self.reset_state = self.uc.context_save()

    def hook(self, begin, end, callback):
        """`callback(address)` before each instruction in [begin, end) runs."""
        self.uc.hook_add(
            UC_HOOK_CODE, lambda uc, at, size, data: callback(at), begin=begin, end=end - 1
        )

    def hook_blocks(self, callback):
        """`callback(address, size)` at each straight piece of code that runs."""
        self.uc.hook_add(UC_HOOK_BLOCK, lambda uc, at, size, data: callback(at, size))

    def stop_at(self, symbol):
        def stop(_):
            self.stopped_at = symbol
            self.uc.emu_stop()

        address = self.image.address(symbol)
        self.hook(address, address + 1, stop)

    def add_seam(self, symbol, answer):
        """`answer(self)` does what the function `symbol` would do, and returns its r0."""
        self.seams[symbol] = answer
        self.stop_at(symbol)

    def restore(self, ram):
        ctypes.memmove(self.ram, ram, RAM_SIZE)

    def word(self, address):
        return struct.unpack("<I", self.bytes_at(address, 4))[0]

    def bytes_at(self, address, size):
        if RAM_BASE <= address and address + size <= RAM_BASE + RAM_SIZE:
            return bytes(self.ram[address - RAM_BASE : address - RAM_BASE + size])
        if 0 <= address and address + size <= FLASH_SIZE:
            return bytes(self.image.flash[address : address + size])
        raise IndexError(address)

    def write(self, address, content):
        if not RAM_BASE <= address <= RAM_BASE + RAM_SIZE - len(content):
            raise IndexError(address)
        ctypes.memmove(ctypes.addressof(self.ram) + address - RAM_BASE, content, len(content))

    def registers(self):
        read = self.uc.reg_read
        return [read(register) for register in REGISTERS], read(UC_ARM_REG_XPSR) & FLAGS

    def set_registers(self, registers, it_state=0):
        values, flags = registers
        self.uc.context_restore(self.reset_state)
        for register, value in zip(REGISTERS, values):
            self.uc.reg_write(register, value)
        xpsr = flags | 1 << 24 | (it_state & 3) << 25 | (it_state >> 2) << 10
        self.uc.reg_write(UC_ARM_REG_XPSR, xpsr)

    def has_its_stack(self):
        """Has call() returned as it was called? A frame that a fault has shifted may end there too."""
        return self.uc.reg_read(UC_ARM_REG_SP) == RAM_BASE + RAM_SIZE

    def argument(self, i):
        if i < 4:
            return self.uc.reg_read(UC_ARM_REG_R0 + i)
        return self.word(self.uc.reg_read(UC_ARM_REG_SP) + 4 * (i - 4))

    def call(self, address):
        """Calls a function without arguments: see resume()."""
        self.uc.context_restore(self.reset_state)
        self.uc.reg_write(UC_ARM_REG_SP, RAM_BASE + RAM_SIZE)
        self.uc.reg_write(UC_ARM_REG_LR, RETURN_TO | 1)
        return self.resume(address)

    def resume(self, pc, watch=None, seconds_max=0):
        """Runs on from `pc`; the answer of call(), or None when a hook has stopped it. UcError for
        every fault of the processor, Hang when `watch` has ended it after `seconds_max`, or it has
        asked too often."""
        pc &= ~1
        for _ in range(self.SEAMS_MAX):
            self.stopped_at = None
            if watch is None:
                self.uc.emu_start(pc | 1, RETURN_TO)
            else:
                watch.emu_start(self.uc, pc | 1, seconds_max)
            if self.stopped_at is None:
                if self.uc.reg_read(UC_ARM_REG_PC) != RETURN_TO:
                    raise Hang
                return self.uc.reg_read(UC_ARM_REG_R0)
            seam = self.seams.get(self.stopped_at)
            if seam is None:
                return None
            self.uc.reg_write(UC_ARM_REG_R0, seam(self))
            pc = self.uc.reg_read(UC_ARM_REG_LR) & ~1
        raise Hang
