#include "hsm/custodian/ceremony_file.h"

#include <gtest/gtest.h>

namespace hsm::custodian {
namespace {

const FileFields papers = {
    {"device_certificate", {1, 2}}, {"ceremony", {3}}, {"share_set", Bytes(300, 4)}};

Status read_status(FileKind kind, std::string_view text) {
    const auto read = read_ceremony_file(kind, text);
    return read ? Status::ok : read.error().status;
}

TEST(CeremonyFile, GivesBackWhatWasWritten) {
    const auto text = write_ceremony_file(FileKind::ceremony, papers);

    const auto read = read_ceremony_file(FileKind::ceremony, text);

    ASSERT_TRUE(read);
    EXPECT_EQ(*read, papers);
    EXPECT_EQ(papers_of(*read).share_set, Bytes(300, 4));
}

TEST(CeremonyFile, IsOfItsKindOnly) {
    const auto text = write_ceremony_file(FileKind::ceremony, papers);
    for (const auto kind : {FileKind::custodian,
                            FileKind::provision,
                            FileKind::provision_signature,
                            FileKind::change,
                            FileKind::change_signature,
                            FileKind::zeroise,
                            FileKind::receipt,
                            FileKind::update,
                            FileKind::outward_share,
                            FileKind::inward_share}) {
        EXPECT_EQ(read_status(kind, text), Status::malformed) << kind_name(kind);
    }
}

TEST(CeremonyFile, RefusesWhatIsNoneOrHasMore) {
    for (const auto* text : {"",
                             "null",
                             "[]",
                             "{",
                             "{}",
                             R"({"kyso":"inward-share/1"})",
                             R"({"kyso":"inward-share/2","share":"AQ"})",
                             R"({"kyso":"inward-share/1","share":1})",
                             R"({"kyso":"inward-share/1","share":"AQ=="})",
                             R"({"kyso":"inward-share/1","share":"A Q"})",
                             R"({"kyso":"inward-share/1","share":"AQ","more":"AQ"})",
                             R"({"kyso":"inward-share/1","share":"AQ"}x)",
                             R"({"kyso":7,"share":"AQ"})"}) {
        EXPECT_EQ(read_status(FileKind::inward_share, text), Status::malformed) << text;
    }
    EXPECT_EQ(read_status(FileKind::inward_share, R"({"share":"AQ","kyso":"inward-share/1"})"),
              Status::ok);
    const auto longest =
        R"({"kyso":"inward-share/1","share":")" + std::string(ceremony_file_size_max, 'A') + "\"}";
    EXPECT_EQ(read_status(FileKind::inward_share, longest), Status::malformed);
}

}  // namespace
}  // namespace hsm::custodian
