#include "server/cli/bringup/line_watch.h"

#include <algorithm>
#include <array>

#include "hsm/base/byte_writer.h"
#include "hsm/base/status.h"
#include "hsm/client/frame_host.h"
#include "hsm/openssl/hex.h"
#include "hsm/protocol/port_message.h"

namespace server::cli::bringup {
namespace {

namespace wire = hsm::protocol;
namespace port = wire::port;
using hsm::Byte;
using hsm::Bytes;
using hsm::ByteView;
using wire::FrameType;

constexpr std::size_t kept_size_max = 64 << 10;
constexpr std::uint8_t operator_stream = 1;

bool contains(ByteView bytes, ByteView wanted) {
    return !std::ranges::search(bytes, wanted).empty();
}

bool is_text(Byte byte) {
    return (byte >= 0x20 && byte < 0x7f) || byte == '\n' || byte == '\r' || byte == '\t';
}

}  // namespace

std::string end_text(const End& end) {
    static constexpr std::array<std::string_view, 8> causes = {"nothing special",
                                                               "a broken invariant",
                                                               "a fault of the processor",
                                                               "a smashed stack",
                                                               "the watchdog",
                                                               "the tamper switch",
                                                               "no memory left",
                                                               "a start that failed"};
    constexpr std::uint32_t start_failed = 7;
    constexpr std::uint32_t check = 1;
    auto text = end.cause < causes.size() ? std::string(causes[end.cause])
                                          : "cause " + std::to_string(end.cause);
    if (end.cause == start_failed) {
        return text + ": " +
               std::string(hsm::base::status_name(static_cast<hsm::Status>(end.detail)));
    }
    // A loader that finds nothing to start gives its status for a line, above all that a file has.
    constexpr std::uint32_t lines_max = 0x1000;
    const auto status = hsm::base::status_name(static_cast<hsm::Status>(end.detail));
    if (end.cause == check && end.detail > lines_max && status != "unknown") {
        return "a loader that had nothing to start: " + std::string(status);
    }
    if (end.cause == check) {
        return text + ", line " + std::to_string(end.detail);
    }
    if (end.detail != 0) {
        std::array<Byte, 4> detail{};
        hsm::ByteWriter writer(detail);
        writer.u32(end.detail);
        text += " at 0x" + hsm::openssl::hex(detail);
    }
    return text;
}

// As every host begins, and a tag that no image starts with.
LineWatch::LineWatch() {
    hsm::client::FrameHost host;
    host.open(operator_stream, {});
    const auto greeting = host.bytes_to_send();
    greeting_.assign(greeting.begin(), greeting.end());
    constexpr Byte tag = 0xb7;
    port_question_ = {0, port::question_head_size, static_cast<Byte>(port::Operation::hello), tag};
}

void LineWatch::received(ByteView bytes) {
    size_ += bytes.size();
    const auto kept = bytes.first(std::min(bytes.size(), kept_size_max - kept_.size()));
    kept_.insert(kept_.end(), kept.begin(), kept.end());
    decoder_.feed(bytes, [&](const wire::Frame& frame) { take(frame); });
}

void LineWatch::take(const wire::Frame& frame) {
    hello_ = hello_ || frame.head.type == FrameType::hello;
    if (frame.head.type == FrameType::reset && frame.head.stream == 0 &&
        frame.payload.size() == wire::restart_payload_size) {
        hsm::ByteReader reader(frame.payload);
        end_ = End{*reader.u32(), *reader.u32()};
        ++starts_;
    }
}

// A module's HELLO is the same bytes as a host's; nobody but an echo repeats the zeros before it.
bool LineWatch::echoes() const {
    return contains(kept_, greeting_) || contains(kept_, port_question_);
}

// Answers of a port image begin with size, operation, tag and status.
std::size_t LineWatch::find_hello(Byte tag) const {
    std::array<Byte, 6> head{port_question_[2], tag};
    hsm::ByteWriter writer(hsm::MutableBytes(head).subspan(2));
    writer.u32(static_cast<std::uint32_t>(hsm::Status::ok));
    const auto found = std::ranges::search(kept_, head);
    return static_cast<std::size_t>(found.begin() - kept_.begin());
}

// Whole, so that nothing of it is still to come.
bool LineWatch::port_answers() const {
    const auto at = find_hello(port_question_[3]);
    if (at == kept_.size() || at < port::size_prefix) {
        return false;
    }
    const auto start = at - port::size_prefix;
    const std::size_t size = std::size_t{kept_[start]} << 8 | kept_[start + 1];
    return kept_.size() >= at + size;
}

bool LineWatch::port_image_started() const {
    return find_hello(0) != kept_.size();
}

Speaker LineWatch::speaker() const {
    if (echoes()) {
        return Speaker::echo;
    }
    if (port_answers()) {
        return Speaker::port_image;
    }
    if (hello_) {
        return Speaker::module;
    }
    if (starts_ != 0) {
        return Speaker::failing;
    }
    if (size_ == 0) {
        return Speaker::nobody;
    }
    const auto printable = static_cast<std::size_t>(std::ranges::count_if(kept_, is_text));
    return kept_.size() >= 4 && printable * 10 >= kept_.size() * 9 ? Speaker::text : Speaker::noise;
}

std::string LineWatch::text() const {
    constexpr std::size_t shown_max = 60;
    std::string line;
    for (const auto byte : kept_) {
        if (byte == '\n' && !line.empty()) {
            break;
        }
        if (line.size() == shown_max) {
            return line + "…";
        }
        if (is_text(byte) && byte != '\r' && byte != '\n') {
            line.push_back(static_cast<char>(byte));
        }
    }
    return line;
}

}  // namespace server::cli::bringup
