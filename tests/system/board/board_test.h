#pragma once

#include <gtest/gtest.h>

#include "tests/support/qemu_module.h"
#include "tests/support/status.h"

namespace tests::system {

using support::status;

// Starts a board out of its box and makes it operational, by the product's own first start. The
// keys of custodian and root go to `folder`.
void operational(support::QemuModule& board,
                 const support::People& people,
                 const std::filesystem::path& folder);

// One case for each emulated board.
class BoardTest : public testing::TestWithParam<const char*> {
protected:
    void bring_up() { operational(board_, people_, folder_.path()); }

    support::ScratchFolder folder_;
    support::QemuModule board_{folder_.path() / "board", GetParam()};
    support::People people_;
};

// The hash chain over records that were exported in one piece.
void expect_whole_chain(const std::vector<support::Bytes>& records);

inline const auto boards = testing::Values("mps2_an505", "mps2_an386", "netduinoplus2");
// Those whose flash outlives QEMU.
inline const auto persistent_boards = testing::Values("mps2_an505", "mps2_an386");

inline std::string board_name(const testing::TestParamInfo<const char*>& info) {
    return info.param;
}

}  // namespace tests::system
