#include "board/host/psk_folder.h"

#include <algorithm>
#include <vector>

#include "board/host/secret_file.h"

namespace board::host {

namespace fs = std::filesystem;

Setup<void> load_psk_folder(const fs::path& folder, firmware::channel::HostTable& hosts) {
    std::error_code error;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        if (entry.path().extension() == ".psk") {
            files.push_back(entry.path());
        }
    }
    if (error) {
        return SetupError{folder.string() + ": " + error.message()};
    }
    std::ranges::sort(files);
    for (const auto& file : files) {
        TRY_ASSIGN(auto text, read_secret_file<hsm::protocol::psk_file_size_max>(file));
        auto parsed = hsm::protocol::parse_psk_file(hsm::text_of(text.reveal()));
        if (!parsed) {
            return SetupError{file.string() +
                              ": needs a line role=server|operator|auditor and 64 hex digits"};
        }
        const auto name = file.stem().string();
        if (const auto added = hosts.add(name, parsed->role, std::move(parsed->secret)); !added) {
            return SetupError{file.string() + (added.error() == hsm::Status::table_full
                                                   ? ": more host identities than a module has"
                                                   : ": its name is no identity")};
        }
    }
    if (hosts.size() == 0) {
        return SetupError{folder.string() + ": holds no <identity>.psk, so no host could connect"};
    }
    return {};
}

}  // namespace board::host
