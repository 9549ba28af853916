"""The true answers of a target's elliptic curves, without their 21 million instructions a
verification."""

import struct

from unicorn import UC_ERR_EXCEPTION, UcError

import fault_p256
from fault_machine import RETURN_TO, Machine

VERIFY = "mbedtls_psa_ecdsa_verify_hash"
SIGN = "mbedtls_psa_ecdsa_sign_hash"
AGREE = "mbedtls_psa_key_agreement_ecdh"
# psa_key_attributes_t: type, bits, and what else is not zero of a key of the module.
ATTRIBUTES_SIZE = 12
PSA_SUCCESS = 0
PSA_ERROR_INVALID_SIGNATURE = -149 & 0xFFFFFFFF
# How often the image's own arithmetic is asked as well, by each process and for each answer.
COMPARED = 1


class Curves:
    """Stands at the seam between PSA and Mbed TLS's ECDSA and ECDH. Every argument is part of a
    question, so a fault that has changed one of them gets the answer to what it asks: from memory,
    in integers where it is about P-256 and SHA-256, and from the image itself otherwise."""

    def __init__(self, image):
        self.image = image
        self.known = {}
        self.compared = {PSA_SUCCESS: 0, PSA_ERROR_INVALID_SIGNATURE: 0}
        self.usual = {}  # by symbol: attributes and algorithm of a question about P-256
        self.oracle = None

    def attach(self, machine):
        machine.add_seam(VERIFY, self.verify)
        machine.add_seam(SIGN, lambda machine: self.give(machine, SIGN))
        machine.add_seam(AGREE, lambda machine: self.give(machine, AGREE))

    def verify(self, machine):
        attributes, key, algorithm, digest, signature = question = self.question(machine, True)
        if question not in self.known:
            is_usual = self.usual.setdefault(VERIFY, (attributes, algorithm)) == (attributes, algorithm)
            if is_usual and (len(key), len(digest), len(signature)) == (65, 32, 64) and key[0] == 4:
                self.known[question] = self.verify_in_integers(machine, key, digest, signature)
            else:
                self.known[question] = self.compute(machine, VERIFY)
        return self.known[question]

    def verify_in_integers(self, machine, key, digest, signature):
        is_right = fault_p256.verify(key, digest, signature)
        answer = PSA_SUCCESS if is_right else PSA_ERROR_INVALID_SIGNATURE
        if self.compared[answer] < COMPARED:
            self.compared[answer] += 1
            computed = self.compute(machine, VERIFY)
            if computed != answer:
                raise AssertionError(f"ECDSA: {computed:#x} by the image, {answer:#x} in integers")
        return answer

    def give(self, machine, symbol):
        """A signature, or a shared secret: the arguments have the same places."""
        question = (symbol, *self.question(machine, False))
        try:
            out, length = machine.argument(6), machine.argument(8)
            if question not in self.known:
                self.known[question] = self.make(machine, question, out, length)
            answer, content = self.known[question]
            machine.write(out, content)
            machine.write(length, struct.pack("<I", len(content)))
        except IndexError:
            # Bytes that are not there: the function faults on them.
            raise UcError(UC_ERR_EXCEPTION) from None
        return answer

    def make(self, machine, question, out, length):
        symbol, attributes, key, algorithm, digest = question
        is_usual = self.usual.setdefault(symbol, (attributes, algorithm)) == (attributes, algorithm)
        if symbol == SIGN and is_usual and (len(key), len(digest)) == (32, 32):
            return PSA_SUCCESS, fault_p256.sign(key, digest)
        answer = self.compute(machine, symbol)
        return answer, self.oracle.bytes_at(out, self.oracle.word(length))

    @staticmethod
    def question(machine, with_signature):
        """(attributes, key, algorithm, hash or peer's key[, signature]) of a function's arguments."""
        argument = machine.argument
        try:
            parts = [
                machine.bytes_at(argument(0), ATTRIBUTES_SIZE),
                machine.bytes_at(argument(1), argument(2)),
                argument(3),
                machine.bytes_at(argument(4), argument(5)),
            ]
            if with_signature:
                parts.append(machine.bytes_at(argument(6), argument(7)))
        except IndexError:
            raise UcError(UC_ERR_EXCEPTION) from None
        return tuple(parts)

    def compute(self, machine, symbol):
        if self.oracle is None:
            self.oracle = Machine(self.image)
        self.oracle.restore(machine.ram)
        values, flags = machine.registers()
        values[-1] = RETURN_TO | 1
        self.oracle.set_registers((values, flags))
        return self.oracle.resume(self.image.address(symbol))
