#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hsm/openssl/bytes.h"
#include "hsm/protocol/frame.h"

// Who is at the other end of a serial line, told from the bytes that come.
namespace server::cli::bringup {

enum class Speaker {
    nobody,      // not one byte
    module,      // Kyso's release image: answers HELLO
    port_image,  // kyso-<board>-port.elf
    failing,     // Kyso's image, which does not get as far as listening: says why, again and again
    echo,        // our own bytes come back
    text,        // some other program's
    noise,       // bytes of no meaning
};

// How a start of the module ended: firmware/hal/panic.h.
struct End {
    std::uint32_t cause = 0;
    std::uint32_t detail = 0;

    friend bool operator==(const End&, const End&) = default;
};
// In words; the detail of a start that failed is a status.
std::string end_text(const End& end);

class LineWatch {
public:
    // What is asked of a module and of a port image; whoever sends them back word for word is none.
    hsm::ByteView greeting() const { return greeting_; }
    hsm::ByteView port_question() const { return port_question_; }

    LineWatch();

    void received(hsm::ByteView bytes);

    Speaker speaker() const;
    // Whether a port image has said that it starts: its answer may take a while yet.
    bool port_image_started() const;
    // What the module said last of its end before, where it says that.
    const std::optional<End>& end() const { return end_; }
    // How often a module has said that it starts.
    std::size_t starts() const { return starts_; }
    // The first line of it, shortened.
    std::string text() const;
    std::size_t size() const { return size_; }

private:
    void take(const hsm::protocol::Frame& frame);
    bool echoes() const;
    bool port_answers() const;
    std::size_t find_hello(hsm::Byte tag) const;

    hsm::Bytes greeting_;
    hsm::Bytes port_question_;
    hsm::protocol::FrameDecoder decoder_;
    hsm::Bytes kept_;  // the first of what came
    std::size_t size_ = 0;
    bool hello_ = false;
    std::optional<End> end_;
    std::size_t starts_ = 0;
};

}  // namespace server::cli::bringup
