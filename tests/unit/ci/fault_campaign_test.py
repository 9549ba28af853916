import sys
import pathlib
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "ci"))
import fault_p256
import fault_places

# RFC 6979 §A.2.5, P-256 with SHA-256, message "sample".
PRIVATE = bytes.fromhex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721")
POINT = bytes.fromhex(
    "04"
    "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
    "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"
)
DIGEST = bytes.fromhex("AF2BDBE1AA9B6EC1E2ADE1D694F41FC71A831D0268E9891562113D8A62ADD1BF")
SIGNATURE = bytes.fromhex(
    "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
    "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
)


def changed(octets, at):
    return octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :]


class P256Test(unittest.TestCase):
    def test_accepts_the_standards_signature(self):
        self.assertTrue(fault_p256.verify(POINT, DIGEST, SIGNATURE))

    def test_refuses_it_with_any_byte_changed(self):
        for at in range(64):
            self.assertFalse(fault_p256.verify(POINT, DIGEST, changed(SIGNATURE, at)))
        for at in range(32):
            self.assertFalse(fault_p256.verify(POINT, changed(DIGEST, at), SIGNATURE))

    def test_refuses_a_point_off_the_curve_and_numbers_out_of_range(self):
        order = fault_p256.N.to_bytes(32, "big")
        self.assertFalse(fault_p256.verify(changed(POINT, 64), DIGEST, SIGNATURE))
        self.assertFalse(fault_p256.verify(POINT, DIGEST, bytes(32) + SIGNATURE[32:]))
        self.assertFalse(fault_p256.verify(POINT, DIGEST, SIGNATURE[:32] + order))

    def test_signs_what_it_accepts(self):
        self.assertTrue(fault_p256.verify(POINT, DIGEST, fault_p256.sign(PRIVATE, DIGEST)))


class PlacesTest(unittest.TestCase):
    def test_names_the_place_of_a_function(self):
        for function, place in (
            ("firmware::activation::verify_assertion(firmware::engine::Engine&)", "assertion check"),
            ("firmware::keystore::check_policy(std::span<unsigned char const, 4u>)", "policy"),
            ("firmware::keystore::(anonymous namespace)::is_officer(int)", "policy"),
            ("firmware::keystore::verify_blob(firmware::engine::Engine&)", "unseal"),
            ("firmware::ceremony::Ceremony::finish(firmware::engine::Engine&)", "share check"),
            ("firmware::boot::Loader::choose(firmware::boot::Permit&)", "boot verification"),
            ("unsigned long firmware::hardening::DecisionOf<(E)1>::word_of<firmware::boot::X>()",
             "hardening"),
            ("firmware::command::sign(firmware::command::Core&)", "approval (commands)"),
            ("hsm::base::Result<firmware::boot::Head, hsm::base::Status>::operator*()",
             "beneath (codec, storage, templates)"),
            ("mbedtls_ecp_muladd", "library: curves and big numbers"),
            ("psa_verify_hash", "library: hashes, MACs, ciphers, keys"),
            ("memcmp", "library: CBOR, memory"),
        ):
            self.assertEqual(fault_places.place_of(function), place, function)


if __name__ == "__main__":
    unittest.main()
