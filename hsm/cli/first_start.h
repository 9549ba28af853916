#pragma once

#include <functional>
#include <string>

#include "hsm/client/session.h"
#include "hsm/openssl/p256_key.h"

// The first-start ceremony of a group in its simplest honest form: PROTOCOL.md "First start". One
// custodian, officers who approve with their passkeys, a TEST root that certifies the modules.
namespace hsm::cli {

using openssl::P256Key;

struct Officer {
    protocol::Point point{};  // the approval passkey's public key
    bool backup_eligible = false;
    std::uint8_t person = 1;  // 1 to 8: passkeys of one person have one number
};

// What the group is to be. Its class is the modules' own, which all of them must share.
struct GroupPlan {
    std::string rp_id;   // of all approval passkeys
    std::string origin;  // of the approve app
    std::vector<Officer> officers;
    std::uint8_t officers_needed = 1;
};

// Lets officer `index` of the plan approve; answers the encoded assertion (protocol/activation.h)
// or why there is none. Called once for each officer and module.
using ApproveAsOfficer =
    std::function<Result<std::vector<Byte>>(std::size_t index, const Digest& challenge)>;

struct ProvisionedGroup {
    protocol::AssuranceClass assurance_class = protocol::AssuranceClass::software;
    std::vector<Byte> configuration;                     // .cbor GroupConfiguration
    std::vector<Digest> module_ids;                      // in the order of the sessions
    std::vector<std::vector<Byte>> device_certificates;  // X.509, DER, in the same order
};

// Provisions every module of `modules` (sessions of role operator): the first makes the KEK, the
// others join it. Modules that are operational already stay as they are, and the blank ones join
// their configuration: so a ceremony that broke off is simply repeated, with the same modules.
//
// `wrong_state` for a module neither blank nor operational (unlock it first), `configuration_wrong`
// when the modules differ in class or group or one is no member, `certificate_wrong`; else what
// session or module answered.
Result<ProvisionedGroup> provision_group(std::span<client::Session* const> modules,
                                         const GroupPlan& plan,
                                         const P256Key& custodian,
                                         const P256Key& root,
                                         const ApproveAsOfficer& approve);

}  // namespace hsm::cli
