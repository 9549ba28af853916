#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hsm/openssl/device_certificate.h"
#include "hsm/protocol/ceremony.h"
#include "hsm/protocol/statement.h"

// What a custodian does with a share, offline: PROTOCOL.md "KEK ceremony". Whatever comes from
// outside is checked here before the key is used; what a module may be is the custodian's own
// knowledge, never the papers'.
namespace hsm::custodian {

// Why a custodian refuses: the word, and what a person should hear.
struct Refusal {
    Status status = Status::ok;
    std::string text;
};
template <class T>
using Checked = Result<T, Refusal>;

// What this custodian takes a module for.
struct Expectation {
    std::vector<Bytes> roots;  // DER, from the custodian's own hands
    protocol::AssuranceClass assurance_class = protocol::AssuranceClass::software;
    std::vector<Digest> firmware_hashes;  // of releases that may hold the KEK
};

// A ceremony as a module opened it: its papers, and what was checked of them.
struct CeremonyPapers {
    Bytes device_certificate;  // DER
    Bytes ceremony;            // [CeremonyStatement, signature]
    Bytes share_set;
};
struct AttestedCeremony {
    protocol::CeremonyStatement statement;
    Digest transcript{};
    openssl::DeviceCertificate device;
};

// Device certificate by one of the roots, signature by its key, class and firmware hash as
// expected, the share set the one that the statement names. `certificate_wrong`, `signature_wrong`,
// `configuration_wrong` (class, firmware or set), `malformed`.
Checked<AttestedCeremony> check_ceremony(const CeremonyPapers& papers,
                                         const Expectation& expectation);

// A custodian's private key.
class Key {
public:
    explicit Key(openssl::EvpKeyPtr key);
    static Key make();

    const protocol::Point& point() const { return point_; }
    Digest thumbprint() const;
    EVP_PKEY* get() const { return key_.get(); }
    Bytes sign(ByteView message) const;

private:
    openssl::EvpKeyPtr key_;
    protocol::Point point_{};
};

// Opens the share that was sealed to this custodian by the module that made the KEK, once its
// papers are checked. `share_foreign` when it is another custodian's, `share_wrong` when it does
// not open or is not the one that the set names.
Checked<protocol::ShareBytes> open_outward_share(const Key& key,
                                                 const CeremonyPapers& papers,
                                                 ByteView outward_share,
                                                 const Expectation& expectation);

// Seals a share to the ceremony of the module that asks for it, once its papers are checked and the
// share is the one that its share set names for this custodian. The bytes are a signed share.
Checked<Bytes> seal_inward_share(const Key& key,
                                 const protocol::ShareBytes& share,
                                 const CeremonyPapers& papers,
                                 protocol::LiveMember live_member,
                                 const Expectation& expectation);

// The papers of a module that is to become a member of a group: PROTOCOL.md "First start".
struct ProvisionPapers {
    Bytes device_certificate;
    Bytes configuration;
    Bytes statement;
};
// This custodian's signature over the provision statement: it names the certified module, and a
// configuration of the expected class with this custodian in it.
Checked<Bytes> sign_provision(const Key& key,
                              const ProvisionPapers& papers,
                              const Expectation& expectation);

// A change of the group's configuration: PROTOCOL.md "Members".
struct ChangePapers {
    Bytes before;
    Bytes configuration;
    Bytes statement;
};
// This custodian's signature over the change statement: it names both configurations, which are of
// one group and of this class, and the custodian is in the one before. `malformed`,
// `configuration_wrong`.
Checked<Bytes> sign_change(const Key& key,
                           const ChangePapers& papers,
                           protocol::AssuranceClass assurance_class);

}  // namespace hsm::custodian
