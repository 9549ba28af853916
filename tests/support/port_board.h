#pragma once

#include "hsm/client/port_image.h"
#include "tests/support/module_process.h"

namespace tests::support {

// An emulated board with its port image (firmware/port, presets fw-<board> of this tree,
// $KYSO_SOURCE), asked over its line. Whatever does not work throws, with QEMU's log.
class PortBoard {
public:
    // Started, and new. `more` goes to QEMU.
    PortBoard(const std::filesystem::path& folder,
              const std::string& board,
              const std::vector<std::string>& more = {});
    PortBoard(const PortBoard&) = delete;
    PortBoard& operator=(const PortBoard&) = delete;
    ~PortBoard();

    using Answer = hsm::client::PortImage::Answer;
    Answer ask(hsm::protocol::port::Operation operation, const std::vector<Bytes>& fields = {});
    // The second answer to `burst`; the image's own hello after a reset.
    Answer next_answer();
    Answer next_hello();
    void send(hsm::ByteView bytes);

    // The module of the image, without its channel. `measured` gets each command's answer.
    using Measured = std::function<void(const Answer&)>;
    Target target(hsm::protocol::Role role, Measured measured = {});

    std::filesystem::path flash() const { return folder_ / "nvm.img"; }

private:
    Answer required(hsm::Result<Answer> answer) const;
    [[noreturn]] void fail(const std::string& what) const;

    std::filesystem::path folder_;
    pid_t pid_ = -1;
    std::optional<hsm::client::Line> line_;
    std::optional<hsm::client::PortImage> image_;
};

using hsm::client::number_in;
std::string text_in(const Bytes& field);

}  // namespace tests::support
