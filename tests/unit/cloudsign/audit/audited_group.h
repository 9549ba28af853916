#pragma once

#include "cloudsign/audit/verifier.h"
#include "hsm/cli/device_certificate.h"
#include "tests/support/cloud_fixture.h"

namespace cloudsign::audit {

// Real modules, with device certificates from a root of this test.
class AuditedGroup {
public:
    explicit AuditedGroup(std::size_t members = 1)
        : group(members), modules(group, members), root_(make_root("root.pem")) {
        roots.push_back(hsm::cli::make_test_root_certificate(root_));
    }

    // Some work for the log: a person and `count` signatures, on member `index`.
    void work(std::size_t count, std::size_t index = 0) {
        const auto target = group.target(index);
        const auto holder = tests::support::enrol(target, group.people);
        CHECK(holder.has_value());
        const auto signing = tests::support::approved_signing(target, group.people, *holder, count);
        CHECK(signing.has_value());
        for (std::uint32_t leaf = 0; leaf < count; ++leaf) {
            const auto reply = tests::support::call(target, signing->request(leaf));
            CHECK(reply.has_value());
            last_receipt = bytes_of((*reply)->receipt);
            last_signature = bytes_of((*reply)->signature);
        }
    }

    Bytes certificate(
        std::size_t index = 0,
        hsm::protocol::AssuranceClass stated = hsm::protocol::AssuranceClass::software) {
        return certificate_from(root_, index, stated);
    }
    Bytes certificate_from(const hsm::cli::P256Key& root,
                           std::size_t index,
                           hsm::protocol::AssuranceClass stated) {
        const auto infos = modules.members();
        auto made = hsm::cli::issue_device_certificate(root, infos.at(index).identity_spki, stated);
        CHECK(made.has_value());
        return *std::move(made);
    }
    hsm::cli::P256Key make_root(const std::string& name) {
        auto key = hsm::cli::P256Key::load_or_make(folder_.path() / name);
        CHECK(key.has_value());
        return *std::move(key);
    }

    enum class Head { none, fresh };
    LogFile log(std::size_t index = 0, Head head = Head::fresh) {
        LogFile log;
        log.module_id = tests::support::module_id_of(group.target(index));
        log.certificate = certificate(index);
        log.records = tests::support::export_log(group.target(index));
        if (head == Head::fresh) {
            log.heads.push_back(make_head(index, challenge));
        }
        return log;
    }
    Bytes make_head(std::size_t index, const hsm::protocol::Nonce& nonce) {
        auto made = modules.audit_head(tests::support::module_id_of(group.target(index)), nonce);
        CHECK(made.has_value());
        return *std::move(made);
    }

    AuditVerdict verify(const std::vector<LogFile>& logs) const {
        return verify_logs(logs, roots, challenge);
    }

    tests::support::ModuleGroup group;
    tests::support::InProcessModules modules;
    std::vector<Bytes> roots;
    const hsm::protocol::Nonce challenge = tests::support::random_digest();
    Bytes last_receipt;
    Bytes last_signature;

private:
    tests::support::TemporaryFolder folder_;
    hsm::cli::P256Key root_;
};

inline void PrintTo(Verdict verdict, std::ostream* out) {
    *out << (verdict == Verdict::complete   ? "complete"
             : verdict == Verdict::unproven ? "unproven"
                                            : "broken");
}

// The file as AuditKeeper writes it.
inline std::string text_of(const LogFile& log) {
    auto text = log_file_opening(log.module_id, log.certificate);
    for (const auto& record : log.records) {
        text += log_file_record(record);
    }
    for (const auto& head : log.heads) {
        text += log_file_head(head);
    }
    return text;
}

}  // namespace cloudsign::audit
