#pragma once

#include <filesystem>
#include <mutex>
#include <vector>

#include "cloudsign/audit/verifier.h"
#include "cloudsign/error.h"
#include "cloudsign/module_port.h"

namespace server::app {

// What an exported log says, and its newest records.
struct CheckedLog {
    struct Entry {
        std::uint64_t index = 0;
        hsm::protocol::RecordType type = hsm::protocol::RecordType::started;
        std::int64_t host_time = 0;  // as this host said, unverified
    };
    cloudsign::audit::LogVerdict verdict;
    std::vector<Entry> last;  // newest first
};
struct AuditCheck {
    cloudsign::audit::Verdict verdict = cloudsign::audit::Verdict::broken;
    std::string detail;
    std::vector<CheckedLog> logs;
};

// Keeps every module's audit log exported: one growing file for each (cloudsign/audit/log_file.h),
// so that no module's log runs full and refuses to sign. Any thread.
class AuditKeeper {
public:
    AuditKeeper(cloudsign::ModulePort& modules, std::filesystem::path folder);

    // Fetches what is new, makes it durable, and lets modules that are over half full reuse the
    // space. The first error ends it; what was fetched stays.
    cloudsign::Result<void> keep();

    // The same, and a head over the auditor's challenge at the end of each file. Answers the files.
    cloudsign::Result<std::vector<std::filesystem::path>> export_with_heads(
        const hsm::protocol::Nonce& challenge);

    // The same over a challenge of its own, then the verifier over all of it, with the root in
    // DIR/module-root.pem: what a screen may show, and no proof to anybody but this server.
    // `conflict` without that root, or when the logs are too long to be read here; `busy` while
    // another one runs.
    cloudsign::Result<AuditCheck> check();

private:
    std::filesystem::path file_of(const hsm::Digest& module_id) const;
    cloudsign::Result<void> keep_one(const cloudsign::ModuleInfo& module);

    cloudsign::ModulePort& modules_;
    const std::filesystem::path folder_;
    std::mutex mutex_;  // one export at a time
    std::mutex check_mutex_;
};

}  // namespace server::app
