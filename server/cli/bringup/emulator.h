#pragma once

#include <filesystem>
#include <optional>

#include "hsm/client/endpoint.h"
#include "server/cli/bringup/bench.h"
#include "server/cli/up/child_process.h"

namespace server::cli::bringup {

// An emulated board that this program starts, through board/run-qemu, and whose switches and power
// it has in its hands. Ends with its object.
class Emulator final : public Hands {
public:
    // `tree` holds board/run-qemu and the images; `suffix` is "" or "-port". The folder keeps the
    // board's flash. A failure when it ends before its line is there.
    static Outcome<Emulator> start(const std::filesystem::path& tree,
                                   const std::string& board,
                                   std::string_view suffix,
                                   const std::filesystem::path& folder);
    static std::filesystem::path image(const std::filesystem::path& tree,
                                       const std::string& board,
                                       std::string_view suffix);

    hsm::client::Endpoint line() const;

    // Of boards whose flash is a file, which has the switches in its last words.
    bool present() const override;
    bool act(Act act) override;
    std::chrono::milliseconds patience() const override { return std::chrono::seconds(10); }

private:
    Emulator(up::Program program, std::filesystem::path folder);
    Outcome<void> run();
    bool write_switch(std::int64_t from_end, std::uint32_t value) const;

    up::Program program_;
    std::filesystem::path folder_;
    std::optional<up::ChildProcess> child_;
};

}  // namespace server::cli::bringup
