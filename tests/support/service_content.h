#pragma once

#include "tests/support/module_target.h"

// What keys of services sign, as DER written out here: the least that is right in form.
namespace tests::support {

// tag ‖ length ‖ the contents, one after another.
Bytes der(hsm::Byte tag, std::initializer_list<hsm::ByteView> contents);

// TBSCertList with so many entries.
Bytes some_list(std::size_t revoked);

Bytes some_response_data();

struct TimeStamp {
    Bytes content;     // TSTInfo
    Bytes attributes;  // the signed ones
};
TimeStamp time_stamp(std::uint64_t time_ms);
// Signed attributes with such values for content type (OID contents) and message digest.
Bytes time_stamp_attributes(hsm::ByteView content_type, hsm::ByteView digest);
// Contents of id-ct-TSTInfo.
extern const Bytes tst_info_type;

// list_begin, list_write in pieces, list_finish. The signature.
hsm::Result<Bytes> sign_list(const Target& module,
                             hsm::ByteView blob,
                             hsm::ByteView list,
                             std::size_t piece_size = hsm::protocol::list_piece_size_max);

hsm::Result<Bytes> sign_service(const Target& module,
                                hsm::ByteView blob,
                                hsm::ByteView content,
                                hsm::ByteView attributes);

}  // namespace tests::support
