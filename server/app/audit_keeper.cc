#include "server/app/audit_keeper.h"

#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>
#include <utility>

#include "cloudsign/audit/log_file.h"
#include "cloudsign/hex.h"
#include "cloudsign/module_error.h"
#include "cloudsign/pki/certificate.h"
#include "cloudsign/random.h"
#include "hsm/protocol/audit_record.h"

namespace server::app {
namespace {

using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::audit::LogFile;

Error cannot(const std::filesystem::path& file, std::string_view what) {
    return {ErrorKind::unavailable, "cannot " + std::string(what) + " " + file.string()};
}

// Appends and makes it durable before anybody is told that it is exported.
cloudsign::Result<void> append(const std::filesystem::path& file, const std::string& text) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (descriptor < 0) {
        return cannot(file, "open");
    }
    std::size_t written = 0;
    bool good = true;
    while (good && written < text.size()) {
        const auto count = ::write(descriptor, text.data() + written, text.size() - written);
        good = count > 0;
        written += good ? static_cast<std::size_t>(count) : 0;
    }
    good = good && ::fdatasync(descriptor) == 0;
    ::close(descriptor);
    if (!good) {
        return cannot(file, "write");
    }
    return {};
}

std::string read_tail(std::ifstream& in, std::uint64_t from, std::uint64_t size) {
    std::string tail(size - from, '\0');
    in.seekg(static_cast<std::streamoff>(from));
    in.read(tail.data(), static_cast<std::streamsize>(tail.size()));
    return tail;
}

// False for a file that is not there, or that a crash has left before its second line was whole.
bool has_opening(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string line;
    for (int whole_lines = 0; whole_lines < 2; ++whole_lines) {
        if (!std::getline(in, line) || in.eof()) {
            return false;
        }
    }
    return true;
}

// What a crash has left half written at the end is cut off: the module still has those records.
cloudsign::Result<std::uint64_t> last_index(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary | std::ios::ate);
    const auto size = static_cast<std::uint64_t>(in.tellg());
    // Usually the last record is in the last few lines; heads alone may fill more than that.
    for (std::uint64_t window = 64 * 1024;; window *= 8) {
        const auto from = size > window ? size - window : 0;
        const auto tail = read_tail(in, from, size);
        const auto end = tail.rfind('\n');
        const auto whole = end == std::string::npos ? 0 : end + 1;
        if (whole < tail.size()) {
            std::filesystem::resize_file(file, from + whole);
        }
        // The line break before a whole line, so not the one that ends the last of them.
        const auto at = whole < 2 ? std::string::npos : tail.rfind("\nrecord ", whole - 2);
        if (at != std::string::npos) {
            const auto line = std::string_view(tail).substr(at + 1);
            return cloudsign::audit::index_of_record_line(line.substr(0, line.find('\n')));
        }
        if (from == 0) {
            return std::uint64_t{0};
        }
    }
}

// An answer of the module holds a few records; to make each durable by itself costs more than the
// records.
constexpr std::size_t append_size = 1024 * 1024;

// All are held in memory at once, each record some 1 KB.
constexpr std::uintmax_t logs_size_max = 256ull * 1024 * 1024;
constexpr std::size_t shown_max = 20;

cloudsign::Result<cloudsign::Bytes> read_root(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    auto root = cloudsign::pki::from_pem(text.str());
    if (!in || !root) {
        return Error{ErrorKind::conflict,
                     "no root of the modules' certificates lies beside the database"};
    }
    return root;
}

cloudsign::Result<std::vector<LogFile>> read_logs(const std::vector<std::filesystem::path>& files) {
    std::uintmax_t size = 0;
    std::vector<LogFile> logs;
    for (const auto& file : files) {
        std::error_code error;
        size += std::filesystem::file_size(file, error);
        if (error || size > logs_size_max) {
            return Error{ErrorKind::conflict,
                         "the logs are too long: kyso audit verify reads them"};
        }
        std::ifstream in(file, std::ios::binary);
        TRY_ASSIGN(auto log, cloudsign::audit::read_log_file(in));
        logs.push_back(std::move(log));
    }
    return logs;
}

std::vector<CheckedLog::Entry> last_of(const LogFile& log) {
    std::vector<CheckedLog::Entry> entries;
    for (auto record = log.records.rbegin();
         record != log.records.rend() && entries.size() < shown_max;
         ++record) {
        const auto read = hsm::protocol::decode<hsm::protocol::AuditRecord>(*record);
        if (read) {
            entries.push_back(
                {read->index, read->type, static_cast<std::int64_t>(read->host_time)});
        }
    }
    return entries;
}

}  // namespace

AuditKeeper::AuditKeeper(cloudsign::ModulePort& modules, std::filesystem::path folder)
    : modules_(modules), folder_(std::move(folder)) {}

std::filesystem::path AuditKeeper::file_of(const hsm::Digest& module_id) const {
    return folder_ / (cloudsign::hex(hsm::ByteView(module_id).first(8)) + ".kysolog");
}

cloudsign::Result<void> AuditKeeper::keep_one(const cloudsign::ModuleInfo& module) {
    if (module.device_certificate.empty()) {
        return {};  // blank: its log begins with its first certificate
    }
    const auto file = file_of(module.module_id);
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (!has_opening(file)) {
        std::filesystem::remove(file, error);
        TRY(append(
            file, cloudsign::audit::log_file_opening(module.module_id, module.device_certificate)));
    }
    TRY_ASSIGN(auto kept, last_index(file));
    const auto kept_before = kept;
    std::string text;
    while (kept + 1 < module.next_log_index) {
        auto records = modules_.audit_export(module.module_id, kept + 1);
        if (!records) {
            return cloudsign::module_error(records.error());
        }
        if (records->empty()) {
            break;
        }
        for (const auto& record : *records) {
            text += cloudsign::audit::log_file_record(record);
        }
        kept += records->size();
        if (text.size() >= append_size) {
            TRY(append(file, text));
            text.clear();
        }
    }
    if (!text.empty()) {
        TRY(append(file, text));
    }
    constexpr unsigned half = 50;
    if (module.log_fill_percent >= half && kept_before > 0) {
        // Not what this turn fetched: a signature among that may not be acknowledged yet, and one
        // such record makes the whole release `busy`. What is still busy is released a turn later.
        const auto released = modules_.audit_release(module.module_id, kept_before);
        if (!released && released.error() != hsm::Status::busy) {
            return cloudsign::module_error(released.error());
        }
    }
    return {};
}

cloudsign::Result<void> AuditKeeper::keep() {
    const std::lock_guard lock(mutex_);
    for (const auto& module : modules_.members()) {
        TRY(keep_one(module));
    }
    return {};
}

cloudsign::Result<std::vector<std::filesystem::path>> AuditKeeper::export_with_heads(
    const hsm::protocol::Nonce& challenge) {
    const std::lock_guard lock(mutex_);
    std::vector<std::filesystem::path> files;
    for (const auto& module : modules_.members()) {
        const auto head = modules_.audit_head(module.module_id, challenge);
        if (!head) {
            return cloudsign::module_error(head.error());
        }
        // Asked for again: the head may stand on records made since.
        for (const auto& fresh : modules_.members()) {
            if (fresh.module_id == module.module_id) {
                TRY(keep_one(fresh));
            }
        }
        TRY(append(file_of(module.module_id), cloudsign::audit::log_file_head(*head)));
        files.push_back(file_of(module.module_id));
    }
    return files;
}

cloudsign::Result<AuditCheck> AuditKeeper::check() {
    const std::unique_lock lock(check_mutex_, std::try_to_lock);
    if (!lock.owns_lock()) {
        return Error{ErrorKind::busy, "the logs are being checked"};
    }
    TRY_ASSIGN(auto root, read_root(folder_.parent_path() / "module-root.pem"));
    const hsm::protocol::Nonce challenge = cloudsign::random_32();
    TRY_ASSIGN(auto files, export_with_heads(challenge));
    TRY_ASSIGN(auto logs, read_logs(files));
    const auto verified = cloudsign::audit::verify_logs(logs, {root}, challenge);
    AuditCheck checked{verified.verdict, verified.detail, {}};
    for (std::size_t i = 0; i < verified.logs.size(); ++i) {
        checked.logs.push_back({verified.logs[i], last_of(logs[i])});
    }
    return checked;
}

}  // namespace server::app
