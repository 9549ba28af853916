#!/usr/bin/env python3
"""Writes vectors.json and the fuzzers' corpora, or with --check compares them with what is there.

The bytes come from this folder alone: nothing here calls or reads hsm/protocol.
"""
import base64
import hashlib
import hmac
import json
import pathlib
import re
import sys

import cbor
from cddl import Rules
from p256 import Key
from structures import (COMMANDS, STATUS_OK, body, encode, leaf_hash, path, root, sha256,
                        statement_root)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "ceremony"))
import hpke  # noqa: E402
import shares  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parents[2]
CORPUS = TREE / "tests/fuzz/protocol/corpus"
DOCUMENT = TREE / "hsm/protocol/PROTOCOL.md"

RP_ID = "approve.localhost"
ORIGIN = "https://approve.localhost:8443"
HOST_TIME = 1767225600000
SHA256, SHA384, SHA512 = 1, 2, 3
NONE, ECDSA, RSA_PKCS1, RSA_PSS = 0, 1, 2, 3
NO_DIGEST = bytes(32)

phone, second_phone = Key("phone"), Key("second phone")
officer, second_officer = Key("officer"), Key("second officer")
custodian, second_custodian = Key("custodian"), Key("second custodian")
device, other_device, signing_key = Key("device"), Key("other device"), Key("signing key")
maker = Key("maker")
module_id, other_module_id = device.thumbprint, other_device.thumbprint
epoch_mac_key = bytes(range(32))
boot_key = bytes(range(32, 64))
firmware_hash = sha256(b"firmware")
device_certificate = b"not a real certificate: any DER of up to 2,000 bytes"

structures = {}


def mac(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def put(name, structure, /, **values):
    assert name not in structures
    encoded = encode(structure, values)
    structures[name] = {"structure": structure, "values": values, "encoded": encoded,
                        "sha256": sha256(encoded)}
    return encoded


def put_signed(name, statement, key):
    return put(name, "Signed", statement=statement, signature=key.sign(statement))


def put_maced(name, statement):
    return put(name, "Signed", statement=statement,
               signature=mac(epoch_mac_key, b"\x00" + statement))


def put_blob(name, header):
    wrapped = b"".join(sha256(name.encode(), bytes([i])) for i in range(5))[:144]
    authenticated = encode("Blob", {"header": header, "wrapped": wrapped, "mac": b""})[:-1]
    assert authenticated[0] == 0x83
    return put(name, "Blob", header=header, wrapped=wrapped, mac=mac(epoch_mac_key, authenticated))


def put_assertion(name, key, challenge, extra=""):
    encoded = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
    client_data = ('{"type":"webauthn.get","challenge":"%s","origin":"%s","crossOrigin":false%s}'
                   % (encoded, ORIGIN, extra)).encode()
    authenticator_data = sha256(RP_ID.encode()) + b"\x05" + (7).to_bytes(4, "big")
    signature = key.sign(authenticator_data + sha256(client_data))
    return put(name, "Assertion", thumbprint=key.thumbprint, authenticator_data=authenticator_data,
               client_data_json=client_data, signature=signature)


def assertion_hash(name):
    values = structures[name]["values"]
    return sha256(values["authenticator_data"], sha256(values["client_data_json"]),
                  values["signature"])


def put_call(name, request_id, request, response):
    code, request_structure, response_structure = COMMANDS[name.split(".")[0]]
    for kind, structure, values, start in (
            ("request", request_structure, request, [code, request_id]),
            ("response", response_structure, response, [request_id, STATUS_OK])):
        encoded = cbor.encode(start + [body(structure, values)])
        structures[f"{name}.{kind}"] = {
            "structure": structure, "command": code, "request_id": request_id, "values": values,
            "encoded": encoded, "sha256": sha256(encoded)}


def key_structures():
    subject_hash = sha256("CN=Nguyễn Thị Hoa,C=VN".encode())
    policy = put("policy", "Policy", rp_id=RP_ID, origin=ORIGIN, backup=0,
                 subject_hash=subject_hash, points=[phone.point], backup_eligible=[0])
    put("policy.largest", "Policy", rp_id="r" * 253, origin="o" * 270, backup=1,
        subject_hash=b"\xff" * 32, points=[k.point for k in (phone, second_phone, officer, device)],
        backup_eligible=[0, 1, 1, 0])
    put("policy.issuer", "Policy", rp_id=RP_ID, origin=ORIGIN, backup=0,
        subject_hash=sha256("CN=Kyso Test CA".encode()), points=[], backup_eligible=[])
    new_policy = put("policy.new", "Policy", rp_id=RP_ID, origin=ORIGIN, backup=0,
                     subject_hash=subject_hash, points=[second_phone.point], backup_eligible=[0])
    common = {"format": 1, "epoch": 1, "kind": 1, "key_type": 1, "key_id": signing_key.thumbprint}
    for name, version, of, approver in (("unbound", 0, policy, NO_DIGEST),
                                        ("bound", 1, policy, officer.thumbprint),
                                        ("rebound", 2, new_policy, officer.thumbprint)):
        header = put(f"header.{name}", "KeyHeader", **common, version=version, policy=of,
                     spki=signing_key.spki, officer=approver)
        put_blob(f"blob.{name}", header)


def value(name, field):
    return structures[name]["values"][field]


def encoded(name):
    return structures[name]["encoded"]


def put_preimage(name, purpose, sequence, version, policy, algorithm, leaf_count, tree_root,
                 context_hash):
    put(name, "ChallengePreimage", purpose=purpose, module_id=module_id, boot_counter=3,
        sequence=sequence, expiry_tick_ms=4_200_000, random=sha256(name.encode()),
        key_id=signing_key.thumbprint, blob_version=version,
        policy_hash=structures[policy]["sha256"], algorithm=algorithm, leaf_count=leaf_count,
        root=tree_root, context_hash=context_hash)
    return structures[name]["sha256"]


def signing(leaves):
    put("context", "Context", portal="Trường THPT Chu Văn An", purpose="Ký học bạ năm học 2025–2026",
        code="47", language="vi")
    challenge = put_preimage("preimage.sign", 1, 41, 1, "policy", [ECDSA, SHA256, 0], 3,
                             root(leaves), structures["context"]["sha256"])
    put_preimage("preimage.pss", 1, 42, 1, "policy", [RSA_PSS, SHA512, 64], 1024, sha256(b"root"),
                 NO_DIGEST)
    put_assertion("assertion.sign", phone, challenge)
    put_assertion("assertion.longer", phone, challenge,
                  ',"other_keys_can_be_added_here":"do not compare clientDataJSON against a template"')


def binding():
    put("statement.bind", "BindStatement", kind=1, key_id=signing_key.thumbprint,
        policy=encoded("policy"), thumbprints=[phone.thumbprint],
        subject_hash=value("policy", "subject_hash"))
    bind_root = statement_root("kyso-bind/1", encoded("statement.bind"))
    challenge = put_preimage("preimage.bind", 2, 39, 0, "policy", [NONE, SHA256, 0], 1, bind_root,
                             structures["context"]["sha256"])
    put_assertion("assertion.bind.phone", phone, challenge)
    put_assertion("assertion.bind.officer", officer, challenge)

    put("statement.rebind", "RebindStatement", key_id=signing_key.thumbprint, old_version=1,
        new_policy=encoded("policy.new"))
    rebind_root = statement_root("kyso-rebind/1", encoded("statement.rebind"))
    challenge = put_preimage("preimage.rebind", 3, 44, 1, "policy", [NONE, SHA256, 0], 1,
                             rebind_root, structures["context"]["sha256"])
    put_assertion("assertion.rebind.old", phone, challenge)
    put_assertion("assertion.rebind.new", second_phone, challenge)

    put("statement.revoke_key", "RevokeKeyStatement", key_id=signing_key.thumbprint, version=1)
    revoke_root = statement_root("kyso-revoke-key/1", encoded("statement.revoke_key"))
    challenge = put_preimage("preimage.revoke_key", 5, 45, 1, "policy", [NONE, SHA256, 0], 1,
                             revoke_root, structures["context"]["sha256"])
    put_assertion("assertion.revoke_key", officer, challenge)
    return [
        {"tag": "kyso-bind/1", "statement": "statement.bind", "root": bind_root},
        {"tag": "kyso-rebind/1", "statement": "statement.rebind", "root": rebind_root},
        {"tag": "kyso-revoke-key/1", "statement": "statement.revoke_key", "root": revoke_root},
    ]


def group():
    configuration = put("configuration", "GroupConfiguration", group_id=sha256(b"group")[:16],
                        revision=1, assurance_class=2, rp_id=RP_ID, origin=ORIGIN,
                        officers_needed=1,
                        officers=[officer.point, second_officer.point],
                        officers_backup_eligible=[0, 1], officers_persons=[1, 2],
                        former_officers=[], custodians_needed=2,
                        custodians=[custodian.point, second_custodian.point],
                        members=[module_id, other_module_id])
    statement = put("statement.provision", "ProvisionStatement", module_id=module_id,
                    nonce=sha256(b"provisioning nonce"), configuration_hash=sha256(configuration))
    challenge = sha256(statement)
    put_assertion("assertion.provision.1", officer, challenge)
    put_assertion("assertion.provision.2", second_officer, challenge)
    common = {"key_id": signing_key.thumbprint, "minimum_version": 2}
    put_maced("revocation", put("statement.revoke", "RevocationStatement", **common,
                                module_id=module_id))
    put_maced("acknowledgement", put("statement.revoked", "RevokedStatement", **common,
                                     module_id=other_module_id,
                                     configuration_hash=sha256(configuration)))


def members():
    """The other device leaves, one of its own accord joins: the group's next revision."""
    put_maced("table_page", put(
        "statement.table", "TableStatement", from_module=module_id, for_module=other_module_id,
        nonce=sha256(b"provisioning nonce"), generation=(3 << 32) + 7, cursor=0, next=0,
        key_ids=[signing_key.thumbprint], minimum_versions=[2]))
    changed = put("configuration.changed", "GroupConfiguration",
                  **{**structures["configuration"]["values"], "revision": 2,
                     "officers": [officer.point], "officers_backup_eligible": [0],
                     "officers_persons": [1], "former_officers": [second_officer.thumbprint],
                     "members": [module_id]})
    change = put("statement.change", "ChangeStatement", group_id=sha256(b"group")[:16],
                 from_hash=structures["configuration"]["sha256"], to_hash=sha256(changed))
    put_assertion("assertion.change", officer, sha256(change))
    zeroise = put("statement.zeroise", "ZeroiseStatement", module_id=other_module_id,
                  nonce=sha256(b"provisioning nonce"))
    put_assertion("assertion.zeroise", officer, sha256(zeroise))
    put_signed("zeroised", put("statement.zeroised", "ZeroisedStatement",
                               group_id=sha256(b"group")[:16], identity=other_device.point,
                               epoch=1, last_index=9), other_device)
    resealed = put("header.resealed", "KeyHeader",
                   **{**structures["header.bound"]["values"], "epoch": 2})
    put_blob("blob.resealed", resealed)


# Stands for the wrapped key of the restore proof, as long as one: AES-KWP is not written here.
WRAPPED_PROOF = b"".join(sha256(b"proof", bytes([i])) for i in range(3))[:80]


def put_sealed_share(name, direction, transcript, index, share, recipient, **more):
    info = put(f"{name}.info", "SealedShareInfo", direction=direction, transcript=transcript,
               index=index)
    encapsulated, ciphertext = hpke.seal(recipient, Key(f"ephemeral {name}").scalar, info, b"",
                                         share)
    return put(name, "OutwardShare" if direction == 1 else "InwardShare", transcript=transcript,
               index=index, **more, encapsulated=encapsulated, ciphertext=ciphertext)


def ceremony():
    secret, set_id = sha256(b"epoch secret"), sha256(b"share set")[:8]
    custodians = [custodian, second_custodian]
    made = [shares.encode(set_id, 2, i + 1, value) for i, value in
            enumerate(shares.split(secret, 2, [sha256(b"coefficient")]))]
    keys = hpke.expand(hpke.extract(bytes(32), secret), b"kyso-epoch/1" + (1).to_bytes(4, "big"),
                       64)
    proof = put("statement.proof", "ProofStatement", set_id=set_id, wrapped=WRAPPED_PROOF,
                spki=signing_key.spki)
    share_set = put(
        "share_set", "ShareSet", set_id=set_id, group_id=sha256(b"group")[:16], assurance_class=2,
        epoch=1, threshold=2, custodians=[key.thumbprint for key in custodians],
        commitments=[shares.commitment(share) for share in made],
        kek_check=sha256(b"kyso-kek-check/1", set_id, secret)[:16], proof_wrapped=WRAPPED_PROOF,
        proof_spki=signing_key.spki, proof_mac=mac(keys[32:], b"\x00" + proof))
    opened = {}
    for kind, name, of in ((1, "make", device), (2, "restore", other_device)):
        statement = put(
            f"statement.ceremony.{name}", "CeremonyStatement", kind=kind, module_id=of.thumbprint,
            assurance_class=2, firmware_hash=firmware_hash,
            configuration_hash=structures["configuration"]["sha256"],
            nonce=sha256(b"ceremony", name.encode()), ceremony_key=Key(f"ceremony {name}").point,
            share_set=sha256(share_set))
        put_signed(f"ceremony.{name}", statement, of)
        opened[name] = sha256(statement)
    for i, key in enumerate(custodians):
        put_sealed_share(f"share.out.{i + 1}", 1, opened["make"], i + 1, made[i], key.point)
    sealed = put_sealed_share("share.in", 2, opened["restore"], 2, made[1],
                              Key("ceremony restore").point, live_member=0)
    put_signed("share.in.signed", sealed, second_custodian)


RECORDS = []


def put_record(record_type, structure, **values):
    index = len(RECORDS) + 1
    previous = sha256(encoded(RECORDS[-1])) if RECORDS else sha256(b"kyso-log/1", module_id)
    details = put(f"record.{index}.details", structure, **values)
    put(f"record.{index}", "AuditRecord", index=index, previous=previous, type=record_type,
        boot_counter=3, tick_ms=1000 * index, host_time=HOST_TIME if index > 1 else 0,
        details=details)
    RECORDS.append(f"record.{index}")


def put_key_changed(record_type, version, policy, challenge, assertions):
    put_record(record_type, "KeyChangedDetails", key_id=signing_key.thumbprint, version=version,
               policy_hash=structures[policy]["sha256"], challenge=challenge,
               thumbprints=[value(a, "thumbprint") for a in assertions],
               assertion_hashes=[assertion_hash(a) for a in assertions])


def firmware_head():
    """A release's header as firmware/boot/FORMAT.md has it, and the maker's signature."""
    header = b"kysofw" + (1).to_bytes(2, "big") + b"stm32f405".ljust(16, b"\0")
    header += b"".join(n.to_bytes(4, "big") for n in (0x01020003, 4, 2))
    for address, image in ((0x08020400, b"first image"), (0x08060400, b"second image")):
        header += address.to_bytes(4, "big") + len(image).to_bytes(4, "big") + sha256(image)
    header = header.ljust(128, b"\0")
    return header + maker.sign_raw(header)


def log(leaves, documents):
    put_record(1, "StartedDetails", firmware_hash=firmware_hash, assurance_class=2)
    put_record(2, "ProvisionedDetails", configuration=encoded("configuration"),
               device_certificate=device_certificate, epoch=1)
    put_record(3, "KeyGeneratedDetails", key_id=signing_key.thumbprint, kind=1, key_type=1,
               policy_hash=structures["policy"]["sha256"])
    put_key_changed(4, 1, "policy", structures["preimage.bind"]["sha256"],
                    ["assertion.bind.phone", "assertion.bind.officer"])
    document = documents[1]
    put_record(8, "SignedDetails", key_id=signing_key.thumbprint, version=1, purpose=1,
               algorithm=[ECDSA, SHA256, 0], leaf_index=1, leaf_count=3, hash=document["hash"],
               label_hash=sha256(document["label"].encode()),
               challenge=structures["preimage.sign"]["sha256"],
               context_hash=structures["context"]["sha256"], thumbprints=[phone.thumbprint],
               flags=[5], sign_counts=[7], assertion_hashes=[assertion_hash("assertion.sign")],
               backup=0, assurance_class=2, firmware_hash=firmware_hash,
               signature=signing_key.sign(document["text"].encode()))
    put_key_changed(5, 2, "policy.new", structures["preimage.rebind"]["sha256"],
                    ["assertion.rebind.old", "assertion.rebind.new"])
    put_record(7, "KeyRevokedDetails", key_id=signing_key.thumbprint, minimum_version=2,
               by_module=module_id)
    put_key_changed(6, 2, "policy.new", NO_DIGEST, [])
    put_record(9, "LogReleasedDetails", up_to_index=4)
    release = {"firmware_hash": sha256(firmware_head()[:128]), "version": 0x01020003,
               "security_version": 4}
    challenge = sha256(put("statement.update", "UpdateStatement",
                           group_id=value("configuration", "group_id"), **release))
    put_assertion("assertion.update", officer, challenge)
    put_record(10, "UpdateApprovedDetails", **release, challenge=challenge,
               thumbprints=[officer.thumbprint],
               assertion_hashes=[assertion_hash("assertion.update")])
    put_record(11, "CeremonyFinishedDetails", kind=2, epoch=1,
               share_set=structures["share_set"]["sha256"],
               transcript=structures["statement.ceremony.restore"]["sha256"],
               custodians=[custodian.thumbprint, second_custodian.thumbprint], live_member=0)
    put_record(12, "GroupChangedDetails", configuration=encoded("configuration.changed"),
               challenge=structures["statement.change"]["sha256"],
               thumbprints=[officer.thumbprint],
               assertion_hashes=[assertion_hash("assertion.change")])
    put_record(13, "EpochClosedDetails", epoch=1)
    put_record(14, "TableTakenDetails", from_module=module_id, entries=1)
    put_record(15, "ZeroiseApprovedDetails", challenge=structures["statement.zeroise"]["sha256"],
               thumbprints=[officer.thumbprint],
               assertion_hashes=[assertion_hash("assertion.zeroise")])
    put_record(16, "ServiceSignedDetails", key_id=signing_key.thumbprint, kind=5,
               content_hash=sha256(b"TSTInfo"), stamped_ms=HOST_TIME)


def statements():
    statement = put("statement.receipt", "ReceiptStatement", module_id=module_id,
                    record=encoded("record.5"))
    put("receipt", "Signed", statement=encoded("record.5"), signature=device.sign(statement))
    put_signed("attestation", put(
        "statement.attestation", "AttestationStatement", module_id=module_id, assurance_class=2,
        firmware_hash=firmware_hash, nonce=sha256(b"attestation nonce"), kind=1, key_type=1,
        key_id=signing_key.thumbprint, version=1, policy=encoded("policy"),
        officer=officer.thumbprint), device)
    put_signed("head", put(
        "statement.head", "HeadStatement", module_id=module_id, challenge=sha256(b"auditor"),
        index=len(RECORDS), chain_hash=sha256(encoded(RECORDS[-1])), boot_counter=3,
        firmware_hash=firmware_hash, host_time=HOST_TIME), device)


def calls(leaves, documents):
    opened = lambda name: {"preimage": encoded(name), "mac": mac(boot_key, encoded(name))}
    self_tests = [21, 0, 0, 21, 21, 21, 21, 21, 22, 22, 23, 24, 0, 60_000, 0, 300]
    info = {
        "state": 4, "assurance_class": 2, "module_id": module_id, "identity_spki": device.spki,
        "firmware_hash": firmware_hash, "boot_counter": 3, "tick_ms": 61_000, "epoch": 1,
        "device_certificate": device_certificate, "configuration": encoded("configuration"),
        "provisioning_nonce": sha256(b"provisioning nonce"), "first_log_index": 1,
        "next_log_index": 11, "log_fill_percent": 1, "engine": "softhsm", "separated": 1,
        "self_tests": self_tests, "failed_self_test": 0, "self_test_failed_at": 0}
    put_call("get_info", 1, {}, info)
    put_call("get_info.blank", 2**32 - 1, {}, {
        **info, "state": 1, "epoch": 0, "device_certificate": b"", "configuration": b"",
        "first_log_index": 0, "next_log_index": 0, "log_fill_percent": 0, "engine": "psa",
        "separated": 0})
    put_call("get_info.failed", 18, {}, {
        **info, "state": 5, "module_id": NO_DIGEST, "identity_spki": b"", "boot_counter": 0,
        "epoch": 0, "device_certificate": b"", "configuration": b"",
        "provisioning_nonce": NO_DIGEST, "first_log_index": 0, "next_log_index": 0,
        "log_fill_percent": 0, "engine": "psa", "self_tests": [21, 21] + 14 * [0],
        "failed_self_test": 3, "self_test_failed_at": 30})
    put_call("self_test", 19, {}, {"self_tests": [61_000, 0, 0] + 13 * [61_001]})
    put_call("unlock", 2, {"secret": b"123456"}, {})
    put_call("provision", 3, {
        "configuration": encoded("configuration"), "device_certificate": device_certificate,
        "custodian_signatures": [custodian.sign(encoded("statement.provision")),
                                 second_custodian.sign(encoded("statement.provision"))],
        "assertions": [encoded("assertion.provision.1"), encoded("assertion.provision.2")],
        "mode": 1, "host_time": HOST_TIME}, {})
    put_call("install_hosts", 27, {
        "names": ["kyso-server", "kyso-operator"], "roles": [1, 2],
        "keys": [sha256(b"server PSK"), sha256(b"operator PSK")]}, {})
    put_call("generate_key", 4, {"kind": 1, "key_type": 1, "policy": encoded("policy"),
                                 "host_time": HOST_TIME}, {"blob": encoded("blob.unbound")})
    put_call("bind", 5, {
        "blob": encoded("blob.unbound"), **opened("preimage.bind"),
        "assertions": [encoded("assertion.bind.phone"), encoded("assertion.bind.officer")],
        "host_time": HOST_TIME}, {"blob": encoded("blob.bound")})
    put_call("open_activation", 6, {
        "blob": encoded("blob.bound"), "purpose": 1, "algorithm": [ECDSA, SHA256, 0],
        "leaf_count": 3, "root": root(leaves), "context_hash": structures["context"]["sha256"],
        "lifetime_ms": 4_200_000},
        {**opened("preimage.sign"), "challenge": structures["preimage.sign"]["sha256"]})
    spent = {"challenge": structures["preimage.sign"]["sha256"], "leaf_index": 1}
    made = {"signature": value("record.5.details", "signature"), "receipt": encoded("receipt")}
    put_call("sign", 7, {
        "blob": encoded("blob.bound"), **opened("preimage.sign"),
        "assertions": [encoded("assertion.sign")], "leaf_index": 1, "hash": documents[1]["hash"],
        "label_hash": sha256(documents[1]["label"].encode()), "path": b"".join(path(leaves, 1)),
        "host_time": HOST_TIME}, made)
    put_call("get_result", 8, spent, made)
    put_call("acknowledge", 9, {"occurrences": [
        spent["challenge"] + leaf_index.to_bytes(4, "big") for leaf_index in (1, 2)]}, {})
    put_call("rebind_prepare", 10, {
        "blob": encoded("blob.bound"), **opened("preimage.rebind"),
        "assertions": [encoded("assertion.rebind.old"), encoded("assertion.rebind.new")],
        "new_policy": encoded("policy.new"), "host_time": HOST_TIME},
        {"revocation": encoded("revocation")})
    put_call("revoke", 11, {"revocation": encoded("revocation"), "host_time": HOST_TIME},
             {"acknowledgement": encoded("acknowledgement")})
    put_call("rebind_finish", 12, {
        "blob": encoded("blob.bound"), "new_policy": encoded("policy.new"),
        "acknowledgements": [encoded("acknowledgement")], "host_time": HOST_TIME},
        {"blob": encoded("blob.rebound")})
    put_call("attest_key", 13, {"blob": encoded("blob.bound"), "nonce": sha256(b"attestation nonce")},
             {"signed_statement": encoded("attestation")})
    put_call("revoke_key", 37, {
        "blob": encoded("blob.bound"), **opened("preimage.revoke_key"),
        "assertions": [encoded("assertion.revoke_key")], "host_time": HOST_TIME},
        {"revocation": encoded("revocation")})
    put_call("sign_service", 33, {
        "blob": encoded("blob.bound"), "algorithm": [ECDSA, SHA256, 0], "content": b"TSTInfo",
        "attributes": b"SET OF Attribute", "host_time": HOST_TIME},
        {"signature": device.sign(b"SET OF Attribute")})
    put_call("list_begin", 34, {"size": 11}, {})
    put_call("list_write", 35, {"offset": 0, "piece": b"TBSCertList"}, {})
    put_call("list_finish", 36, {
        "blob": encoded("blob.bound"), "algorithm": [ECDSA, SHA256, 0], "host_time": HOST_TIME},
        {"signature": device.sign(b"TBSCertList")})
    put_call("audit_head", 14, {"challenge": sha256(b"auditor"), "host_time": HOST_TIME},
             {"signed_statement": encoded("head")})
    put_call("audit_export", 15, {"from_index": 1},
             {"records": [encoded(name) for name in RECORDS]})
    put_call("audit_export.none", 16, {"from_index": 11}, {"records": []})
    put_call("audit_release", 17, {"up_to_index": 4}, {})
    put_call("ceremony_make", 23, {"epoch": 1}, {
        "ceremony": encoded("ceremony.make"), "share_set": encoded("share_set"),
        "shares": [encoded("share.out.1"), encoded("share.out.2")]})
    put_call("ceremony_restore", 24, {"share_set": encoded("share_set")},
             {"signed_statement": encoded("ceremony.restore")})
    put_call("ceremony_share", 25, {"share": encoded("share.in.signed")},
             {"taken": 1, "needed": 2})
    put_call("ceremony_finish", 26, {"host_time": HOST_TIME}, {"state": 4})
    put_call("table_export", 27, {"for_module": other_module_id,
                                  "nonce": sha256(b"provisioning nonce"), "cursor": 0},
             {"page": encoded("table_page"), "next": 0})
    put_call("table_import", 28, {"page": encoded("table_page"), "host_time": HOST_TIME},
             {"state": 4})
    put_call("change_group", 29, {
        "configuration": encoded("configuration.changed"),
        "assertions": [encoded("assertion.change")],
        "custodian_signatures": [custodian.sign(encoded("statement.change")), b""],
        "receipts": [encoded("zeroised")], "host_time": HOST_TIME}, {})
    put_call("zeroise", 30, {"assertions": [encoded("assertion.zeroise")],
                             "host_time": HOST_TIME}, {"receipt": encoded("zeroised")})
    put_call("reseal", 31, {"blob": encoded("blob.bound")}, {"blob": encoded("blob.resealed")})
    put_call("close_epoch", 32, {"host_time": HOST_TIME}, {})
    put_call("update_begin", 18, {
        "head": firmware_head(), "assertions": [encoded("assertion.update")],
        "host_time": HOST_TIME}, {"variant": 1, "size": 12})
    put_call("update_write", 19, {"offset": 0, "chunk": b"second image"}, {"written": 12})
    put_call("update_finish", 20, {"host_time": HOST_TIME}, {})
    state = {"board": "stm32f405", "firmware_hash": firmware_hash, "version": 0x01020002,
             "security_version": 4, "security_floor": 4, "stage": 2,
             "next_hash": sha256(firmware_head()[:128]), "written": 0}
    put_call("update_state", 21, {}, state)
    put_call("update_state.none", 22, {}, {**state, "stage": 0, "next_hash": NO_DIGEST})
    refusal = cbor.encode([7, 0x0407, {}])
    structures["sign.refusal"] = {"structure": "Refusal", "request_id": 7, "values": {
        "status": 0x0407}, "encoded": refusal, "sha256": sha256(refusal)}


def crc32c(content):
    """CRC-32C bit by bit (RFC 3720, appendix B.4)."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def frames():
    rows = []
    for name, kind, stream, sequence, payload in (
            ("hello", 1, 0, 0, b"\x01"), ("reset", 2, 1, 0, b""),
            ("restarted", 2, 0, 0, bytes([0, 0, 0, 2, 0x10, 2, 0x5d, 0x24])),
            ("payload", 3, 1, 255, bytes([0xA5, 3, 1, 255])),
            ("largest payload", 3, 0, 7, bytes(i % 251 for i in range(512))),
            ("ready", 4, 0, 8, b""), ("not_ready", 5, 1, 0, b"")):
        counted = bytes([kind, stream, sequence]) + len(payload).to_bytes(2, "big") + payload
        rows.append({"name": name, "type": kind, "stream": stream, "sequence": sequence,
                     "payload": payload,
                     "encoded": b"\xa5" + counted + crc32c(counted).to_bytes(4, "big")})
    return rows


def short_code(thumbprint):
    bits = int.from_bytes(thumbprint, "big") >> (256 - 60)
    digits = "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[bits >> shift & 31]
                     for shift in range(55, -1, -5))
    return "-".join((digits[:4], digits[4:8], digits[8:]))


def documents_and_leaves():
    documents = []
    for index, (text, label) in enumerate((("one", "Học bạ: Lê Minh An"),
                                           ("two", "Học bạ: Trần Gia Bảo"), ("three", ""))):
        document_hash = sha256(text.encode())
        documents.append({"text": text, "index": index, "digest": SHA256, "hash": document_hash,
                          "label": label, "label_hash": sha256(label.encode()),
                          "leaf": leaf_hash(index, SHA256, document_hash, label)})
    return documents


def other_leaves():
    rows = []
    for index, digest, function in ((23, SHA384, hashlib.sha384), (24, SHA512, hashlib.sha512),
                                    (1023, SHA256, hashlib.sha256)):
        document_hash = function(b"document").digest()
        rows.append({"index": index, "digest": digest, "hash": document_hash, "label": "x",
                     "label_hash": sha256(b"x"),
                     "leaf": leaf_hash(index, digest, document_hash, "x")})
    return rows


def trees():
    """Leaf i of each is SHA-256 of the ASCII text "leaf i"."""
    rows = []
    for count in [*range(1, 10), 200, 1024]:
        leaves = [sha256(b"leaf %d" % i) for i in range(count)]
        indices = range(count) if count < 10 else sorted({0, 1, 127, 128, count // 2, count - 1})
        rows.append({"leaf_count": count, "root": root(leaves), "paths": [
            {"index": i, "path": b"".join(path(leaves, i))} for i in indices]})
    return rows


def everything():
    documents = documents_and_leaves()
    leaves = [document["leaf"] for document in documents]
    key_structures()
    signing(leaves)
    roots = binding()
    group()
    members()
    ceremony()
    log(leaves, documents)
    statements()
    calls(leaves, documents)
    return {
        "about": "Written by generate.py. Byte strings are hexadecimal; what PROTOCOL.md calls "
                 "text is text. Keys: SHA-256 of a seed; see p256.py.",
        "epoch_mac_key": epoch_mac_key, "boot_key": boot_key, "module_id": module_id,
        "keys": [{"name": name, "spki": key.spki, "thumbprint": key.thumbprint,
                  "short_code": short_code(key.thumbprint)} for name, key in (
            ("phone", phone), ("second phone", second_phone), ("officer", officer),
            ("second officer", second_officer), ("custodian", custodian), ("device", device),
            ("signing key", signing_key))],
        "leaves": documents + other_leaves(),
        "batch_root": root(leaves),
        "trees": trees(),
        "statement_roots": roots,
        "records": RECORDS,
        "frames": frames(),
        "structures": structures,
    }


def corpus(vectors):
    """File name → bytes of each fuzzer's first inputs."""
    files = {}
    for name, row in structures.items():
        structure, content = row["structure"], row["encoded"]
        if name.endswith(".request"):
            files[f"request/{name}"] = content
        elif name.endswith(".response") or name.endswith(".refusal"):
            # The fuzzer's first byte says which command the response is for.
            files[f"response/{name}"] = bytes([row.get("command", 13)]) + content
        elif structure == "Blob":
            files[f"blob/{name}"] = content
        elif structure in ("Policy", "GroupConfiguration"):
            files[f"policy/{name}"] = content
        elif structure == "Assertion":
            files[f"assertion/{name}"] = content
        elif structure != "KeyHeader":
            files[f"statement/{name}"] = content
    for frame in vectors["frames"]:
        # The fuzzer's first byte is the size of its pieces.
        files[f"frame/{frame['name'].replace(' ', '_')}"] = b"\x05" + frame["encoded"]
    for tree in vectors["trees"]:
        count, row = tree["leaf_count"], tree["paths"][-1]
        files[f"verify_path/{count}"] = (count.to_bytes(2, "big") + row["index"].to_bytes(2, "big")
                                         + row["path"])
    return files


def plain(item):
    if isinstance(item, bytes):
        return item.hex()
    if isinstance(item, dict):
        return {key: plain(entry) for key, entry in item.items()}
    if isinstance(item, list):
        return [plain(entry) for entry in item]
    return item


def worked_examples(vectors):
    """What each ```hex block of PROTOCOL.md says, and what it has to say."""
    known = {name: row["encoded"] for name, row in structures.items()}
    known |= {f"{name} SHA-256": row["sha256"] for name, row in structures.items()}
    known |= {f"leaf {i}": row["leaf"] for i, row in enumerate(vectors["leaves"])}
    known |= {f"root {tree['leaf_count']}": tree["root"] for tree in vectors["trees"]}
    known |= {f"{row['statement']} root": row["root"] for row in vectors["statement_roots"]}
    if short_code(phone.thumbprint) not in DOCUMENT.read_text():
        yield "short code", "none", short_code(phone.thumbprint)
    known |= {f"frame {row['name']}": row["encoded"] for row in vectors["frames"]}
    known["batch root"] = vectors["batch_root"]
    known["client_data_json"] = value("assertion.sign", "client_data_json")
    blocks = re.findall(r"^```hex (.+)\n((?:[^`].*\n)*)```$", DOCUMENT.read_text(), re.MULTILINE)
    for name, text in blocks:
        shown = re.sub(r";.*|\s", "", text)
        yield name, shown, known[name].hex() if name in known else None


RULE_OF_SIGNED = {"ceremony.make": "signed-ceremony", "ceremony.restore": "signed-ceremony",
                  "share.in.signed": "signed-share", "table_page": "maced-table",
                  "zeroised": "signed-zeroised",
                  "attestation": "signed-attestation", "head": "signed-head", "receipt": "receipt",
                  "revocation": "maced-revocation", "acknowledgement": "maced-revoked"}


def rule_of(name, structure):
    if structure == "Signed":
        return RULE_OF_SIGNED[name]
    return re.sub(r"(?<!^)([A-Z])", r"-\1", structure).lower()


def damaged(item):
    """Items that are nearly this one: without an entry, with one more, with another type in one."""
    if isinstance(item, list):
        for i in range(len(item)):
            yield item[:i] + [{0: 0}] + item[i + 1:]
        yield item + [{0: 0}]
    if isinstance(item, dict):
        for key in item:
            yield {k: v for k, v in item.items() if k != key}
            yield {k: {0: 0} if k == key else v for k, v in item.items()}
        yield {**item, 99: 0}


def definitions_wrong():
    """Where the CDDL of PROTOCOL.md and the structures here disagree."""
    rules = Rules("\n".join(re.findall(r"^```cddl\n(.*?)^```$", DOCUMENT.read_text(),
                                       re.MULTILINE | re.DOTALL)))
    for name, row in structures.items():
        item, rule = cbor.decode(row["encoded"]), rule_of(name, row["structure"])
        if rule != "refusal" and "request_id" in row:
            if not rules.matches(name.rsplit(".")[-1], item):
                yield f"PROTOCOL.md: {name} is not the message that CDDL defines"
            item = item[2]
        if not rules.matches(rule, item):
            yield f"PROTOCOL.md: {name} does not fit {rule}"
        for near in damaged(item):
            if rules.matches(rule, near):
                yield f"PROTOCOL.md: {rule} also fits a damaged {name}"


def main():
    vectors = everything()
    text = json.dumps(plain(vectors), ensure_ascii=False, indent=1) + "\n"
    files = {HERE / "vectors.json": text.encode()}
    files |= {CORPUS / name: content for name, content in corpus(vectors).items()}
    if sys.argv[1:] != ["--check"]:
        for file, content in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        return 0
    wrong = [f"{file.relative_to(TREE)} is not what generate.py writes"
             for file, content in files.items()
             if not file.exists() or file.read_bytes() != content]
    wrong += definitions_wrong()
    examples = list(worked_examples(vectors))
    if not examples:
        wrong.append("PROTOCOL.md has no worked examples")
    for name, shown, expected in examples:
        if shown != expected:
            wrong.append(f"PROTOCOL.md, example {name}: shows\n  {shown}\ninstead of\n  {expected}")
    print("\n".join(wrong) or f"{len(structures)} structures, {len(examples)} worked examples agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
