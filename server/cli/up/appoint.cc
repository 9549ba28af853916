#include <algorithm>

#include <boost/json.hpp>

#include "cloudsign/hex.h"
#include "cloudsign/random.h"
#include "hsm/openssl/base64.h"
#include "hsm/softphone/approver.h"
#include "hsm/softphone/officer_connection.h"
#include "server/cli/admin_client.h"
#include "server/cli/files.h"
#include "server/cli/up/first_use.h"
#include "server/cli/up/settings.h"

namespace server::cli::up {
namespace {

namespace json = boost::json;
using hsm::softphone::Approver;
using hsm::softphone::PhoneStore;

Outcome<void> register_officer(AdminClient& admin, const DataFolder& folder, PhoneStore& phone) {
    const json::object body{{"name", phone.state().name},
                            {"public_key", hsm::base64url(phone.passkey().point())},
                            {"backup_eligible", phone.state().backup_eligible}};
    TRY_ASSIGN(const auto answer, admin.post("/admin/v1/officers", body, "register the officer"));
    TRY_ASSIGN(const auto text, text_of(answer, "link"));
    TRY_ASSIGN(const auto link, outcome_of(hsm::softphone::parse_officer_link(text)));
    return outcome_of(
        hsm::softphone::connect_officer(phone, link, folder.tls_authority().string()));
}

// A key's binding, then its certificate: each shows up once the one before is approved. Only what
// this first use has asked for is approved here. A certificate is shown with the CA's name, since
// it is the CA's key that signs it.
Outcome<void> approve_key(Approver& officer,
                          const std::string& subject,
                          const std::string& authority) {
    for (const auto& expected : {subject, authority}) {
        TRY_ASSIGN(auto items, outcome_of(officer.pending()));
        if (items.size() != 1 || items.front().subject != expected) {
            return Failure{"the key of " + subject + " does not wait for the officer's approval"};
        }
        TRY_ASSIGN(const auto checked, outcome_of(officer.check(std::move(items.front()))));
        TRY(outcome_of(officer.approve(checked)));
    }
    return {};
}

}  // namespace

Outcome<void> appoint(const DataFolder& folder) {
    AdminClient admin(folder);
    TRY_ASSIGN(auto phone, outcome_of(PhoneStore::open(folder.officer_phone())));
    TRY(register_officer(admin, folder, phone));

    const auto serial = cloudsign::hex(hsm::ByteView(cloudsign::random_32()).first(4));
    const auto subject_of = [&](const std::string& name) {
        return "CN=Kyso TEST " + name + " " + serial + ",O=Kyso,C=VN";
    };
    const auto subject = subject_of("CA");
    TRY(admin.post("/admin/v1/issuers", json::object{{"subject", subject}}, "make the CA"));
    auto http = hsm::softphone::client_for(phone);
    TRY_ASSIGN(auto officer, outcome_of(Approver::connect(phone, http)));
    TRY(approve_key(officer, subject, subject));
    const std::pair<const char*, std::string> services[] = {{"ocsp", subject_of("OCSP")},
                                                            {"tsa", subject_of("TSA")}};
    for (const auto& [kind, name] : services) {
        TRY(admin.post("/admin/v1/services",
                       json::object{{"kind", kind}, {"subject", name}},
                       "make a key for " + std::string(kind)));
        TRY(approve_key(officer, name, subject));
    }

    TRY_ASSIGN(const auto answer, admin.get("/admin/v1/ca", "fetch the CA's certificate"));
    TRY_ASSIGN(const auto certificate, text_of(answer, "certificate"));
    return write_file(folder.signing_authority(), certificate);
}

}  // namespace server::cli::up
