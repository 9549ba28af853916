#include "hsm/custodian/share_words.h"

#include <gtest/gtest.h>

#include "hsm/openssl/digest.h"

namespace hsm::custodian {
namespace {

protocol::ShareBytes some_share(Byte seed) {
    protocol::Share share;
    share.set_id = {seed, 2, 3, 4, 5, 6, 7, 8};
    share.threshold = 3;
    share.index = 5;
    Bytes value(protocol::epoch_secret_size);
    for (std::size_t i = 0; i < value.size(); ++i) {
        value[i] = static_cast<Byte>(seed * 31 + 7 * i);
    }
    CHECK(share.value.assign(value));
    return protocol::encode_share(share, sha256);
}

// A share as it comes back from paper: the words, then what is in them.
Status read_back(std::string_view text) {
    const auto share = read_share_words(text);
    if (!share) {
        return share.error();
    }
    const auto decoded = protocol::decode_share(share->reveal(), sha256);
    return decoded ? Status::ok : decoded.error();
}

TEST(ShareWords, ComeBackAsTheSameShare) {
    for (unsigned seed = 0; seed < 256; ++seed) {
        const auto share = some_share(static_cast<Byte>(seed));
        const auto again = read_share_words(share_words(share));
        ASSERT_TRUE(again);
        EXPECT_TRUE(equal(again->reveal(), share.reveal()));
    }
}

// By another implementation; what custodians have on paper has to be readable for ever.
TEST(ShareWords, AreTheseWords) {
    EXPECT_EQ(share_words(some_share(1)),
              " 1  bahuj bahaf basah bihak bisam dusok\n"
              " 7  fuhuh gotaf hojib jitiv kijos latup\n"
              "13  makam muvik nukoh povuf rolab sizav\n"
              "19  tilis vazop zalum rakoj noluj\n");
}

TEST(ShareWords, MayBeTypedWithOrWithoutLinesNumbersAndCapitals) {
    auto text = share_words(some_share(9));
    std::ranges::replace(text, '\n', ' ');
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c;
    });
    EXPECT_EQ(read_back(text), Status::ok);
    EXPECT_EQ(read_back("1. " + text + "\r\n"), Status::ok);
}

// Each letter replaced by each other: no slip goes unseen.
TEST(ShareWords, TellEverySlipOfOneLetter) {
    const auto right = share_words(some_share(3));
    ASSERT_EQ(read_back(right), Status::ok);
    std::size_t tried = 0;
    for (std::size_t at = 0; at < right.size(); ++at) {
        if (right[at] < 'a' || right[at] > 'z') {
            continue;
        }
        for (char c = 'a'; c <= 'z'; ++c) {
            if (c != right[at]) {
                auto wrong = right;
                wrong[at] = c;
                EXPECT_NE(read_back(wrong), Status::ok) << wrong;
                ++tried;
            }
        }
    }
    EXPECT_EQ(tried, 25 * 5 * share_word_count);
}

TEST(ShareWords, TellMissingSwappedAndFurtherWords) {
    const auto right = share_words(some_share(3));
    EXPECT_EQ(read_back(""), Status::malformed);
    EXPECT_EQ(read_back(right.substr(0, right.size() - 7)), Status::malformed);
    EXPECT_EQ(read_back(right + "babab"), Status::malformed);
    EXPECT_EQ(read_back("x" + right), Status::malformed);
    EXPECT_EQ(read_back(right + "!"), Status::malformed);
    auto swapped = right;
    std::swap_ranges(swapped.begin() + 16, swapped.begin() + 21, swapped.begin() + 22);
    EXPECT_EQ(read_back(swapped), Status::share_wrong);
}

}  // namespace
}  // namespace hsm::custodian
