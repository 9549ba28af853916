#include <algorithm>
#include <vector>

#include "hsm/protocol/frame.h"

// The first byte is the size of the pieces in which the line gives the rest. Whatever they are, the
// frames found are those that would be found in one piece, and each encodes to bytes that were
// there.
namespace {

using namespace hsm::protocol;
using hsm::Byte;
using hsm::ByteView;

std::vector<Byte> encoded(const Frame& frame) {
    const auto head = encode_frame_head(frame.head, frame.payload.size());
    const auto tail = encode_frame_tail(head, frame.payload);
    std::vector<Byte> bytes(head.begin(), head.end());
    bytes.insert(bytes.end(), frame.payload.begin(), frame.payload.end());
    bytes.insert(bytes.end(), tail.begin(), tail.end());
    return bytes;
}

std::vector<Byte> all_frames(ByteView stream, std::size_t piece) {
    FrameDecoder decoder;
    std::vector<Byte> found;
    const auto whole = stream;
    while (!stream.empty()) {
        const auto space = decoder.wanted();
        const auto size = std::min({piece, stream.size(), space.size()});
        CHECK(size != 0);
        std::ranges::copy(stream.first(size), space.begin());
        decoder.received(size);
        stream = stream.subspan(size);
        while (const auto frame = decoder.next()) {
            const auto bytes = encoded(*frame);
            CHECK(std::search(whole.begin(), whole.end(), bytes.begin(), bytes.end()) !=
                  whole.end());
            found.insert(found.end(), bytes.begin(), bytes.end());
        }
    }
    return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const ByteView stream(input + 1, size - 1);
    CHECK(all_frames(stream, 1u + input[0]) == all_frames(stream, frame_size_max));
    return 0;
}
