#pragma once

#include <cstdint>
#include <string_view>

namespace hsm::base {

// One vocabulary for the module, the wire and the link to it. A word is module byte | reason;
// words are append-only, and each differs from `ok` in at least six bits, so that no small number
// of flipped bits turns a refusal into a success (tests/unit/hsm/base/status_test.cc proves both).
#define HSM_STATUS_TABLE(X)                                                                  \
    /* wire 0x01 */                                                                          \
    X(malformed, 0x0101)         /* not strict CBOR, or a field of the wrong type or size */ \
    X(message_too_large, 0x0102) /* over 8,192 bytes */                                      \
    X(unknown_command, 0x0103)                                                               \
    X(wrong_state, 0x0104) /* the command table does not allow it in this lifecycle state */ \
    X(wrong_role, 0x0105)  /* the host identity's role may not call it */                    \
    X(busy, 0x0106)        /* nothing changed; ask again later */                            \
    X(not_supported, 0x0107)                                                                 \
    X(no_such_result, 0x0108)                                                                \
    /* key blob 0x02 */                                                                      \
    X(blob_malformed, 0x0201)                                                                \
    X(blob_mac_wrong, 0x0202)                                                                \
    X(blob_epoch_unknown, 0x0203)                                                            \
    X(blob_unbound, 0x0204)                                                                  \
    X(blob_bound_already, 0x0205)                                                            \
    X(blob_revoked, 0x0206) /* version below the minimum in the revocation table */          \
    X(blob_kind_wrong, 0x0207)                                                               \
    X(policy_invalid, 0x0208)                                                                \
    /* activation 0x04 */                                                                    \
    X(activation_mac_wrong, 0x0401) /* not opened by this module since it started */         \
    X(activation_of_other_module, 0x0402)                                                    \
    X(activation_of_other_boot, 0x0403)                                                      \
    X(activation_expired, 0x0404)                                                            \
    X(activation_key_mismatch, 0x0405) /* key id, version or policy is not the blob's */     \
    X(activation_purpose_wrong, 0x0406)                                                      \
    X(activation_spent, 0x0407)                                                              \
    X(leaf_index_wrong, 0x0408)                                                              \
    X(leaf_path_wrong, 0x0409)                                                               \
    X(lifetime_too_long, 0x040a)                                                             \
    X(leaf_count_wrong, 0x040b)                                                              \
    /* assertion 0x08 */                                                                     \
    X(assertion_missing, 0x0801) /* fewer approvers than the rule asks */                    \
    X(assertion_malformed, 0x0802)                                                           \
    X(assertion_client_data_wrong, 0x0803) /* type, challenge, origin or crossOrigin */      \
    X(assertion_rp_id_wrong, 0x0804)                                                         \
    X(assertion_flags_wrong, 0x0805)  /* UP or UV missing, or extensions present */          \
    X(assertion_backup_wrong, 0x0806) /* BE is not as enrolled, or refused by policy */      \
    X(assertion_key_unknown, 0x0807)                                                         \
    X(assertion_signature_wrong, 0x0808)                                                     \
    X(assertion_repeated, 0x0809) /* one approver twice */                                   \
    /* engine 0x81 */                                                                        \
    X(engine_failed, 0x8101)                                                                 \
    X(rng_failed, 0x8102)                                                                    \
    X(signature_wrong, 0x8103)                                                               \
    X(algorithm_wrong, 0x8104) /* does not fit the key, or the digest has another length */  \
    X(key_locked, 0x8105)                                                                    \
    X(key_missing, 0x8106)                                                                   \
    X(secret_wrong, 0x8107)                                                                  \
    X(self_test_failed, 0x8108)                                                              \
    X(key_wiped, 0x8110) /* the flash secret is gone, and with it all that was sealed */     \
    /* storage 0x84 */                                                                       \
    X(storage_failed, 0x8401)                                                                \
    X(log_full, 0x8402) /* export the audit log and release it */                            \
    X(storage_corrupt, 0x8403)                                                               \
    X(storage_full, 0x8404)                                                                  \
    X(no_such_record, 0x8405)                                                                \
    /* group and ceremony 0xa1 */                                                            \
    X(member_unknown, 0xa101)                                                                \
    X(acknowledgement_missing, 0xa102)                                                       \
    X(acknowledgement_wrong, 0xa103)                                                         \
    X(rebind_not_prepared, 0xa104)                                                           \
    X(rebind_unchanged, 0xa105)                                                              \
    X(table_full, 0xa106)                                                                    \
    X(configuration_wrong, 0xa107)                                                           \
    X(custodian_wrong, 0xa108)                                                               \
    X(certificate_wrong, 0xa109)                                                             \
    X(share_wrong, 0xa10a) /* damaged, mistyped, or not the share that was given out */      \
    X(share_repeated, 0xa10b)                                                                \
    X(share_foreign, 0xa10c) /* of another set */                                            \
    X(shares_missing, 0xa10d)                                                                \
    X(kek_wrong, 0xa10e) /* zeros, or does not open what was sealed under it */              \
    X(ceremony_not_open, 0xa10f)                                                             \
    X(transcript_wrong, 0xa110) /* made for another ceremony */                              \
    /* host end of the link 0xa4 */                                                          \
    X(link_closed, 0xa401)                                                                   \
    X(link_timeout, 0xa402)                                                                  \
    X(handshake_failed, 0xa403)                                                              \
    X(link_refused, 0xa404)                                                                  \
    X(io_failed, 0xa405)                                                                     \
    X(response_wrong, 0xa406)                                                                \
    /* firmware image and update 0x88 */                                                     \
    X(image_malformed, 0x8801)                                                               \
    X(image_signature_wrong, 0x8802) /* not the maker's */                                   \
    X(image_of_other_board, 0x8803)  /* another board, or not linked for this slot */        \
    X(image_too_old, 0x8804)         /* its version or security version would fall */        \
    X(image_hash_wrong, 0x8805)      /* the bytes are not those that the header names */     \
    X(image_too_large, 0x8806)                                                               \
    X(image_missing, 0x8807)        /* no slot holds an image that may start */              \
    X(image_not_authorised, 0x8808) /* not the one that was approved with this KEK */        \
    X(update_not_begun, 0x8809)                                                              \
    X(update_offset_wrong, 0x880a) /* chunks come in order, without gaps */                  \
    /* services 0x90 */                                                                      \
    X(content_wrong, 0x9001)    /* not what this kind of key signs */                        \
    X(time_not_trusted, 0x9002) /* before the last time-stamp, or not with our clock */      \
    X(list_not_begun, 0x9003)                                                                \
    X(list_offset_wrong, 0x9004) /* pieces come in order, without gaps, and all of them */

enum class Status : std::uint16_t {
    ok = 0x5a3c,
#define HSM_STATUS_ENUMERATOR(name, word) name = word,
    HSM_STATUS_TABLE(HSM_STATUS_ENUMERATOR)
#undef HSM_STATUS_ENUMERATOR
};

// The enumerator's name; "unknown" for a word outside the table.
constexpr std::string_view status_name(Status status) {
    switch (status) {
        case Status::ok:
            return "ok";
#define HSM_STATUS_CASE(name, word) \
    case Status::name:              \
        return #name;
            HSM_STATUS_TABLE(HSM_STATUS_CASE)
#undef HSM_STATUS_CASE
    }
    return "unknown";
}

}  // namespace hsm::base

namespace hsm {
using base::Status;
}
