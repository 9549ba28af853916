#include <gtest/gtest.h>

#include "tests/unit/cloudsign/verify/verify_site.h"

namespace cloudsign::verify {
namespace {

class DetachedVerifierTest : public VerifyTest {};

TEST_F(DetachedVerifierTest, RefusesWhatIsNoCms) {
    const std::string document = "văn bản";

    const auto report = verify_detached(hsm::view_of(document), hsm::view_of(document), options());

    expect(report, Verdict::invalid, Code::cms_malformed);
}

}  // namespace
}  // namespace cloudsign::verify
