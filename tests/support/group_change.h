#pragma once

#include "tests/support/ceremony_site.h"

namespace tests::support {

// What change_group asks for; each part may be replaced before request() is called.
struct GroupChange {
    Bytes configuration;
    hsm::Digest challenge{};  // SHA-256(change-statement)
    std::vector<Bytes> assertions;
    std::vector<Bytes> custodian_signatures;  // beside each custodian of before, or empty
    std::vector<Bytes> receipts;

    // Views into this object: it outlives what is made of the request.
    hsm::protocol::ChangeGroupRequest request() const;
};

// The change from what `module` has now to `after`, approved by the first officers of before that
// are needed and by every officer who is new; custodians say nothing.
GroupChange change_of(const Target& module,
                      const People& before,
                      const People& after,
                      std::span<const hsm::Digest> members);

// The same with the signatures of the first custodians of before that are needed.
void let_custodians_sign(GroupChange& change, const People& before);

hsm::Status status_of_change(const Target& operating, const GroupChange& change);

// What officers approve before this module destroys its keys, at this start of it.
hsm::Digest zeroise_challenge(const Target& module);

// Approved by the first officers that are needed. The module's receipt.
hsm::Result<Bytes> zeroise(const Target& operating, const People& people);

// All pages of `from`'s revocation table, for `into` at this start of it.
hsm::Result<std::vector<Bytes>> export_table(const Target& from, const Target& into);
// The state after the last.
hsm::Result<hsm::protocol::State> import_table(const Target& operating,
                                               std::span<const Bytes> pages);

}  // namespace tests::support
