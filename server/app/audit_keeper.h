#pragma once

#include <filesystem>
#include <mutex>
#include <vector>

#include "cloudsign/error.h"
#include "cloudsign/module_port.h"

namespace server::app {

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

private:
    std::filesystem::path file_of(const hsm::Digest& module_id) const;
    cloudsign::Result<void> keep_one(const cloudsign::ModuleInfo& module);

    cloudsign::ModulePort& modules_;
    const std::filesystem::path folder_;
    std::mutex mutex_;  // one export at a time
};

}  // namespace server::app
