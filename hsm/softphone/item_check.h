#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hsm/softphone/certificate_request.h"
#include "hsm/softphone/item.h"
#include "hsm/softphone/phone_state.h"

namespace hsm::softphone {

// An item whose every hash this phone has computed itself from what it shows.
struct CheckedItem {
    Item item;
    Digest challenge{};
    Digest policy_hash{};                 // of the key's policy, as the phone knows it
    std::vector<Digest> key_thumbprints;  // bind: of the keys that will activate it; rebind: of
                                          // the new phone's
    Bytes new_policy;                     // rebind: .cbor Policy, as this phone wrote it
    std::vector<TbsCertificate> certificates;  // issue: what they say, in the documents' order
    // What only a person can judge: to be read before approving.
    std::vector<std::string> notices;
};

// What the person has read on the new phone's screen, and not from the server: its passkey's
// thumbprint from the code that a camera reads, or the short code. Empty when they have not.
struct SeenPhone {
    std::optional<Digest> thumbprint;
    std::string short_code;
};

// Whether an answer is still awaited.
bool is_waiting(const Item& item);

// PROTOCOL.md "Activation", the phone's side. `now_ms` is UTC. `refused`, beginning with the name
// of the member that is wrong, when
// - the item waits no longer, has expired, or does not ask this passkey;
// - rpId or origin are not this phone's, or the module says that it is hardware (a passkey in
//   software is no approval there);
// - root, context hash or leaf count are not what documents and texts give;
// - key, policy or subject are not those that this phone approved when the key was bound, or the
//   blob's version has fallen;
// - bind: the statement is not the one document, the policy names another place, subject or
//   passkey; a signer's phone binds only what it asked to be enrolled for;
// - issue: a document is not the hash of its certificate, or the label not its subject; a
//   certificate makes another authority, or names another subject than the one confirmed;
// - rebind: the one document is not the statement that this phone alone gives way to the new one,
//   whose passkey is not the one that was `seen`; or, on the new phone, not the statement that it
//   alone activates the key;
// - revoke: the one document is not the statement about this key, or the subject shown is not the
//   one that the key was confirmed for.
Outcome<CheckedItem> check_item(Item item,
                                const PhoneState& phone,
                                const Digest& own_thumbprint,
                                std::int64_t now_ms,
                                const SeenPhone& seen = {});

}  // namespace hsm::softphone
