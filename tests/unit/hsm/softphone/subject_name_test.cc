#include "hsm/softphone/subject_name.h"

#include <gtest/gtest.h>

namespace hsm::softphone {
namespace {

TEST(SubjectName, IsTheSameInEverySpelling) {
    EXPECT_TRUE(same_subject("CN=Lê Minh An,C=VN", "CN=Lê Minh An,C=VN"));
    EXPECT_TRUE(same_subject("CN=Lê Minh An, C = VN", "CN=Lê Minh An,C=VN"));
    EXPECT_TRUE(same_subject("CN=a\\,b,O=c", "CN=a\\2Cb,O=c"));
    EXPECT_TRUE(same_subject("CN=\\ a\\ ", "CN=\\20a\\20"));
    EXPECT_TRUE(same_subject("CN=\\C3\\AA", "CN=ê"));
}

TEST(SubjectName, DiffersWhenAnyPartDoes) {
    EXPECT_FALSE(same_subject("CN=An,C=VN", "CN=An,C=VM"));
    EXPECT_FALSE(same_subject("CN=An,C=VN", "C=VN,CN=An"));
    EXPECT_FALSE(same_subject("CN=An,C=VN", "CN=An"));
    EXPECT_FALSE(same_subject("CN=a\\,O=b", "CN=a,O=b"));
    EXPECT_FALSE(same_subject("CN=a ", "CN=a\\ "));
    EXPECT_FALSE(same_subject("CN=a\\00O\\02b", "CN=a,O=b"));
    EXPECT_FALSE(same_subject("CN=An", "CN=an"));
    EXPECT_FALSE(same_subject("CN=An", ""));
}

}  // namespace
}  // namespace hsm::softphone
