#include <memory>
#include <vector>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "firmware/command/list_shape.h"
#include "firmware/command/service_content.h"

// What keys sign that nobody approves. Whatever a module takes for a list, an answer or a TSTInfo,
// OpenSSL does not read as the TBSCertificate of a certificate. A list is taken or refused alike,
// however it is cut. The first byte chooses the cut.
namespace {

using firmware::command::ListShape;
using hsm::Byte;
using hsm::ByteView;

bool is_list(ByteView bytes, std::size_t piece) {
    ListShape shape;
    shape.begin(static_cast<std::uint32_t>(bytes.size()));
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        if (!shape.take(bytes.subspan(at, std::min(piece, bytes.size() - at)))) {
            return false;
        }
    }
    return shape.is_whole();
}

void append_head(std::vector<Byte>& out, Byte tag, std::size_t size) {
    out.push_back(tag);
    out.push_back(0x83);
    for (int shift = 16; shift >= 0; shift -= 8) {
        out.push_back(static_cast<Byte>(size >> shift));
    }
}

// SEQUENCE { bytes, ecdsa-with-SHA256, a signature }.
bool is_certificate(ByteView bytes) {
    static constexpr Byte rest[] = {0x30,
                                    0x0a,
                                    0x06,
                                    0x08,
                                    0x2a,
                                    0x86,
                                    0x48,
                                    0xce,
                                    0x3d,
                                    0x04,
                                    0x03,
                                    0x02,
                                    0x03,
                                    0x03,
                                    0x00,
                                    0x30,
                                    0x00};
    std::vector<Byte> whole;
    append_head(whole, 0x30, bytes.size() + sizeof(rest));
    whole.insert(whole.end(), bytes.begin(), bytes.end());
    whole.insert(whole.end(), std::begin(rest), std::end(rest));
    const auto* at = whole.data();
    const std::unique_ptr<X509, decltype(&X509_free)> read(
        d2i_X509(nullptr, &at, static_cast<long>(whole.size())), X509_free);
    ERR_clear_error();
    return read != nullptr;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    if (size < 1 || size > 65'536) {
        return 0;
    }
    const ByteView bytes(input + 1, size - 1);
    const std::size_t piece = input[0] + std::size_t{1};
    const bool list = is_list(bytes, std::max<std::size_t>(1, bytes.size()));
    CHECK(is_list(bytes, piece) == list);
    CHECK(is_list(bytes, 1) == list);
    const bool answer = firmware::command::check_response_data(bytes).has_value();
    const bool stamp = firmware::command::check_time_stamp(bytes, bytes).has_value();
    CHECK(!stamp);  // the attributes are a SET, what they are about is a SEQUENCE
    CHECK(!(list && answer));
    if (list || answer) {
        CHECK(!is_certificate(bytes));
    }
    return 0;
}
