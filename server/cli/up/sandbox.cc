#include "server/cli/up/sandbox.h"

#include <boost/json.hpp>

#include "hsm/softphone/enrolment.h"
#include "server/cli/admin_client.h"
#include "server/cli/files.h"

namespace server::cli::up {
namespace {

namespace json = boost::json;
using hsm::softphone::Approver;
using hsm::softphone::PhoneStore;

constexpr SandboxPerson people[] = {
    {"sandbox-approve", "approve", "approves everything"},
    {"sandbox-reject", "reject", "rejects everything"},
    {"sandbox-not-mine", "not-mine", "says \"I did not start this\", and is frozen"},
    {"sandbox-expire", "none", "never answers: the request expires after a minute"},
    {"sandbox-undeliverable", "", "has lost the phone: nothing reaches them"},
};

// The binding that was just asked for, then the certificate.
Outcome<void> approve_as_officer(Approver& officer, const std::string& subject) {
    constexpr int steps = 2;
    for (int step = 0; step < steps; ++step) {
        TRY_ASSIGN(auto items, outcome_of(officer.pending()));
        if (items.size() != 1) {
            return Failure{"the enrolment of " + subject + " does not wait for the officer"};
        }
        TRY_ASSIGN(const auto checked, outcome_of(officer.check(std::move(items.front()))));
        TRY(outcome_of(officer.approve(checked)));
    }
    return {};
}

Outcome<void> enrol(const DataFolder& folder,
                    AdminClient& admin,
                    Approver& officer,
                    const SandboxPerson& person) {
    const std::string id(person.signer_id);
    const auto subject = "CN=" + id + ",O=Kyso TEST sandbox,C=VN";
    const json::object signer{{"id", id}, {"name", id}, {"subject", subject}};
    TRY(admin.post("/admin/v1/signers", signer, "register " + id));
    TRY_ASSIGN(const auto invited,
               admin.post("/admin/v1/credentials",
                          json::object{{"signer_id", id}, {"key_type", "p256"}},
                          "invite " + id));
    TRY_ASSIGN(const auto link_text, text_of(invited, "link"));
    TRY_ASSIGN(const auto link, outcome_of(hsm::softphone::parse_enrolment_link(link_text)));
    TRY(outcome_of(hsm::softphone::enrol(
        {sandbox_phone(folder, person), link, "sandbox", folder.tls_authority().string()})));
    TRY(approve_as_officer(officer, subject));
    if (person.answer.empty()) {
        TRY(admin.post(
            "/admin/v1/signers/lost-phone", json::object{{"id", id}}, "take the phone of " + id));
    }
    return {};
}

}  // namespace

std::span<const SandboxPerson> sandbox_people() {
    return people;
}

std::filesystem::path sandbox_folder(const DataFolder& folder) {
    return folder.root() / "sandbox";
}

std::filesystem::path sandbox_phone(const DataFolder& folder, const SandboxPerson& person) {
    return sandbox_folder(folder) / (std::string(person.signer_id) + ".json");
}

bool is_sandbox(const DataFolder& folder) {
    return std::filesystem::exists(sandbox_folder(folder));
}

Outcome<void> populate_sandbox(const DataFolder& folder) {
    TRY(make_folder(sandbox_folder(folder)));
    AdminClient admin(folder);
    TRY_ASSIGN(auto phone, outcome_of(PhoneStore::open(folder.officer_phone())));
    auto http = hsm::softphone::client_for(phone);
    TRY_ASSIGN(auto officer, outcome_of(Approver::connect(phone, http)));
    for (const auto& person : people) {
        TRY(enrol(folder, admin, officer, person));
    }
    return {};
}

}  // namespace server::cli::up
