"""The structures of PROTOCOL.md, written down a second time and apart from hsm/protocol."""
import hashlib

import cbor


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# A map names its fields in the order of their keys, which start at 1; a tagged array names them
# in the order in which they follow the tag.
MAPS = {
    "Policy": "rp_id origin backup subject_hash points backup_eligible",
    "KeyHeader": "format epoch kind key_type key_id version policy spki officer",
    "AuditRecord": "index previous type boot_counter tick_ms host_time details",
    "StartedDetails": "firmware_hash assurance_class",
    "ProvisionedDetails": "configuration device_certificate epoch",
    "KeyGeneratedDetails": "key_id kind key_type policy_hash",
    "KeyChangedDetails": "key_id version policy_hash challenge thumbprints assertion_hashes",
    "KeyRevokedDetails": "key_id minimum_version by_module",
    "SignedDetails": "key_id version purpose algorithm leaf_index leaf_count hash label_hash "
                     "challenge context_hash thumbprints flags sign_counts assertion_hashes backup "
                     "assurance_class firmware_hash signature",
    "LogReleasedDetails": "up_to_index",
    "ServiceSignedDetails": "key_id kind content_hash stamped_ms",
    "CeremonyFinishedDetails": "kind epoch share_set transcript custodians live_member",
    "GroupChangedDetails": "configuration challenge thumbprints assertion_hashes",
    "EpochClosedDetails": "epoch",
    "TableTakenDetails": "from_module entries",
    "ZeroiseApprovedDetails": "challenge thumbprints assertion_hashes",
    "CeremonyMakeRequest": "epoch",
    "CeremonyMakeResponse": "ceremony share_set shares",
    "CeremonyRestoreRequest": "share_set",
    "CeremonyShareRequest": "share",
    "CeremonyShareResponse": "taken needed",
    "CeremonyFinishRequest": "host_time",
    "CeremonyFinishResponse": "state",
    "TableExportRequest": "for_module nonce cursor",
    "TableExportResponse": "page next",
    "TableImportRequest": "page host_time",
    "TableImportResponse": "state",
    "ChangeGroupRequest": "configuration assertions custodian_signatures receipts host_time",
    "ZeroiseRequest": "assertions host_time",
    "ZeroiseResponse": "receipt",
    "ResealRequest": "blob",
    "CloseEpochRequest": "host_time",
    "UpdateApprovedDetails": "firmware_hash version security_version challenge thumbprints "
                             "assertion_hashes",
    "GetInfoRequest": "",
    "GetInfoResponse": "state assurance_class module_id identity_spki firmware_hash boot_counter "
                       "tick_ms epoch device_certificate configuration provisioning_nonce "
                       "first_log_index next_log_index log_fill_percent engine separated "
                       "self_tests failed_self_test self_test_failed_at",
    "SelfTestRequest": "",
    "SelfTestResponse": "self_tests",
    "UnlockRequest": "secret",
    "Empty": "",
    "ProvisionRequest": "configuration device_certificate custodian_signatures assertions mode "
                        "host_time",
    "InstallHostsRequest": "names roles keys",
    "GenerateKeyRequest": "kind key_type policy host_time",
    "BlobResponse": "blob",
    "BindRequest": "blob preimage mac assertions host_time",
    "OpenActivationRequest": "blob purpose algorithm leaf_count root context_hash lifetime_ms",
    "OpenActivationResponse": "preimage mac challenge",
    "SignRequest": "blob preimage mac assertions leaf_index hash label_hash path host_time",
    "SignResponse": "signature receipt",
    "GetResultRequest": "challenge leaf_index",
    "AcknowledgeRequest": "occurrences",
    "RebindPrepareRequest": "blob preimage mac assertions new_policy host_time",
    "RebindPrepareResponse": "revocation",
    "RevokeRequest": "revocation host_time",
    "RevokeResponse": "acknowledgement",
    "RebindFinishRequest": "blob new_policy acknowledgements host_time",
    "AttestKeyRequest": "blob nonce",
    "SignedResponse": "signed_statement",
    "RevokeKeyRequest": "blob preimage mac assertions host_time",
    "SignServiceRequest": "blob algorithm content attributes host_time",
    "SignServiceResponse": "signature",
    "ListBeginRequest": "size",
    "ListWriteRequest": "offset piece",
    "ListFinishRequest": "blob algorithm host_time",
    "AuditHeadRequest": "challenge host_time",
    "AuditExportRequest": "from_index",
    "AuditExportResponse": "records",
    "AuditReleaseRequest": "up_to_index",
    "UpdateBeginRequest": "head assertions host_time",
    "UpdateBeginResponse": "variant size",
    "UpdateWriteRequest": "offset chunk",
    "UpdateWriteResponse": "written",
    "UpdateFinishRequest": "host_time",
    "UpdateStateRequest": "",
    "UpdateStateResponse": "board firmware_hash version security_version security_floor stage "
                           "next_hash written",
}

TAGGED = {
    "ChallengePreimage": ("kyso/1", "purpose module_id boot_counter sequence expiry_tick_ms random "
                                    "key_id blob_version policy_hash algorithm leaf_count root "
                                    "context_hash"),
    "Context": ("kyso-context/1", "portal purpose code language"),
    "BindStatement": ("kyso-bind/1", "kind key_id policy thumbprints subject_hash"),
    "RebindStatement": ("kyso-rebind/1", "key_id old_version new_policy"),
    "RevokeKeyStatement": ("kyso-revoke-key/1", "key_id version"),
    "GroupConfiguration": ("kyso-group/2", "group_id revision assurance_class rp_id origin "
                                           "officers_needed officers officers_backup_eligible "
                                           "officers_persons former_officers custodians_needed "
                                           "custodians members"),
    "ProvisionStatement": ("kyso-provision/1", "module_id nonce configuration_hash"),
    "RevocationStatement": ("kyso-revoke/1", "key_id minimum_version module_id"),
    "RevokedStatement": ("kyso-revoked/2", "key_id minimum_version module_id configuration_hash"),
    "TableStatement": ("kyso-table/1", "from_module for_module nonce generation cursor next key_ids "
                                       "minimum_versions"),
    "ChangeStatement": ("kyso-change/1", "group_id from_hash to_hash"),
    "ZeroiseStatement": ("kyso-zeroise/1", "module_id nonce"),
    "ZeroisedStatement": ("kyso-zeroised/1", "group_id identity epoch last_index"),
    "AttestationStatement": ("kyso-attest/1", "module_id assurance_class firmware_hash nonce kind "
                                              "key_type key_id version policy officer"),
    "HeadStatement": ("kyso-head/1", "module_id challenge index chain_hash boot_counter "
                                     "firmware_hash host_time"),
    "ReceiptStatement": ("kyso-receipt/1", "module_id record"),
    "ShareSet": ("kyso-share-set/1", "set_id group_id assurance_class epoch threshold custodians "
                                     "commitments kek_check proof_wrapped proof_spki proof_mac"),
    "ProofStatement": ("kyso-proof/1", "set_id wrapped spki"),
    "CeremonyStatement": ("kyso-ceremony/1", "kind module_id assurance_class firmware_hash "
                                             "configuration_hash nonce ceremony_key share_set"),
    "OutwardShare": ("kyso-share-out/1", "transcript index encapsulated ciphertext"),
    "InwardShare": ("kyso-share-in/1", "transcript index live_member encapsulated ciphertext"),
    "SealedShareInfo": ("kyso-share-seal/1", "direction transcript index"),
    "UpdateStatement": ("kyso-update/1", "group_id firmware_hash version security_version"),
}

# Arrays without a tag.
ARRAYS = {
    "Assertion": "thumbprint authenticator_data client_data_json signature",
    "Blob": "header wrapped mac",
    "Signed": "statement signature",
}

COMMANDS = {
    "get_info": (1, "GetInfoRequest", "GetInfoResponse"),
    "unlock": (2, "UnlockRequest", "Empty"),
    "provision": (3, "ProvisionRequest", "Empty"),
    "self_test": (4, "SelfTestRequest", "SelfTestResponse"),
    "install_hosts": (8, "InstallHostsRequest", "Empty"),
    "generate_key": (10, "GenerateKeyRequest", "BlobResponse"),
    "bind": (11, "BindRequest", "BlobResponse"),
    "open_activation": (12, "OpenActivationRequest", "OpenActivationResponse"),
    "sign": (13, "SignRequest", "SignResponse"),
    "get_result": (14, "GetResultRequest", "SignResponse"),
    "acknowledge": (15, "AcknowledgeRequest", "Empty"),
    "rebind_prepare": (16, "RebindPrepareRequest", "RebindPrepareResponse"),
    "rebind_finish": (17, "RebindFinishRequest", "BlobResponse"),
    "revoke": (18, "RevokeRequest", "RevokeResponse"),
    "attest_key": (19, "AttestKeyRequest", "SignedResponse"),
    "sign_service": (20, "SignServiceRequest", "SignServiceResponse"),
    "list_begin": (21, "ListBeginRequest", "Empty"),
    "list_write": (22, "ListWriteRequest", "Empty"),
    "list_finish": (23, "ListFinishRequest", "SignServiceResponse"),
    "revoke_key": (24, "RevokeKeyRequest", "RebindPrepareResponse"),
    "audit_head": (30, "AuditHeadRequest", "SignedResponse"),
    "audit_export": (31, "AuditExportRequest", "AuditExportResponse"),
    "audit_release": (32, "AuditReleaseRequest", "Empty"),
    "ceremony_make": (40, "CeremonyMakeRequest", "CeremonyMakeResponse"),
    "ceremony_restore": (41, "CeremonyRestoreRequest", "SignedResponse"),
    "ceremony_share": (42, "CeremonyShareRequest", "CeremonyShareResponse"),
    "ceremony_finish": (43, "CeremonyFinishRequest", "CeremonyFinishResponse"),
    "table_export": (44, "TableExportRequest", "TableExportResponse"),
    "table_import": (45, "TableImportRequest", "TableImportResponse"),
    "change_group": (46, "ChangeGroupRequest", "Empty"),
    "zeroise": (47, "ZeroiseRequest", "ZeroiseResponse"),
    "reseal": (48, "ResealRequest", "BlobResponse"),
    "close_epoch": (49, "CloseEpochRequest", "Empty"),
    "update_begin": (50, "UpdateBeginRequest", "UpdateBeginResponse"),
    "update_write": (51, "UpdateWriteRequest", "UpdateWriteResponse"),
    "update_finish": (52, "UpdateFinishRequest", "Empty"),
    "update_state": (53, "UpdateStateRequest", "UpdateStateResponse"),
}

STATUS_OK = 0x5A3C


def named(names, values):
    assert names.split() == list(values), (names, list(values))
    return list(values.values())


def body(structure, values):
    return dict(enumerate(named(MAPS[structure], values), start=1))


def encode(structure, values):
    if structure in MAPS:
        return cbor.encode(body(structure, values))
    if structure in TAGGED:
        tag, names = TAGGED[structure]
        return cbor.encode([tag] + named(names, values))
    return cbor.encode(named(ARRAYS[structure], values))


def leaf_hash(index, digest, document_hash, label):
    return sha256(b"\x00", cbor.encode([index, digest, document_hash, sha256(label.encode())]))


def root(leaves):
    """RFC 9162 section 2.1.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    k = largest_power_below(len(leaves))
    return sha256(b"\x01", root(leaves[:k]), root(leaves[k:]))


def path(leaves, m):
    """RFC 9162 section 2.1.3.1, word for word."""
    if len(leaves) == 1:
        return []
    k = largest_power_below(len(leaves))
    if m < k:
        return path(leaves[:k], m) + [root(leaves[k:])]
    return path(leaves[k:], m - k) + [root(leaves[:k])]


def largest_power_below(n):
    return 1 << ((n - 1).bit_length() - 1)


def statement_root(tag, statement):
    return leaf_hash(0, 1, sha256(statement), tag)
