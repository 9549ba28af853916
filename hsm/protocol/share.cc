#include "hsm/protocol/share.h"

#include "hsm/base/byte_reader.h"
#include "hsm/base/byte_writer.h"

namespace hsm::protocol {
namespace {

constexpr Byte format = 1;
constexpr std::string_view check_tag = "kyso-share/1";
constexpr std::string_view commitment_tag = "kyso-share-commitment/1";
constexpr std::size_t checked_size = share_size - share_check_size;

std::array<Byte, share_check_size> check_of(ByteView checked, Sha256 sha256) {
    const std::array parts = {view_of(check_tag), checked};
    const auto digest = sha256(parts);
    std::array<Byte, share_check_size> check{};
    std::copy_n(digest.begin(), check.size(), check.begin());
    return check;
}

bool in_range(std::uint8_t number) {
    return number >= 1 && number <= custodians_max;
}

}  // namespace

ShareBytes encode_share(const Share& share, Sha256 sha256) {
    CHECK(in_range(share.index) && in_range(share.threshold) &&
          share.value.size() == epoch_secret_size);
    ShareBytes bytes;
    ByteWriter writer(bytes.storage());
    writer.u8(format);
    writer.u8(static_cast<Byte>(share.threshold << 4 | share.index));
    writer.bytes(share.set_id);
    writer.bytes(share.value.reveal());
    writer.bytes(check_of(writer.written(), sha256));
    CHECK(writer.ok());
    bytes.resize(share_size);
    return bytes;
}

Result<Share> decode_share(ByteView bytes, Sha256 sha256) {
    if (bytes.size() != share_size || bytes[0] != format) {
        return Status::malformed;
    }
    const auto check = check_of(bytes.first(checked_size), sha256);
    if (!equal_constant_time(check, bytes.last(share_check_size))) {
        return Status::share_wrong;
    }
    Share share;
    share.threshold = bytes[1] >> 4;
    share.index = bytes[1] & 15;
    if (!in_range(share.index) || !in_range(share.threshold)) {
        return Status::malformed;
    }
    std::ranges::copy(bytes.subspan(2, share_set_id_size), share.set_id.begin());
    CHECK(share.value.assign(bytes.subspan(2 + share_set_id_size, epoch_secret_size)));
    return share;
}

Digest share_commitment(ByteView encoded, Sha256 sha256) {
    const std::array parts = {view_of(commitment_tag), encoded};
    return sha256(parts);
}

}  // namespace hsm::protocol
