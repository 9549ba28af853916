#include "tests/unit/cloudsign/audit/audited_group.h"

namespace cloudsign::audit {
namespace {

TEST(DeviceCertificate, StatesModuleAndClass) {
    AuditedGroup audited;
    for (const auto stated : {hsm::protocol::AssuranceClass::software,
                              hsm::protocol::AssuranceClass::emulated,
                              hsm::protocol::AssuranceClass::hardware}) {
        const auto device =
            verify_device_certificate(audited.certificate(0, stated), audited.roots);
        ASSERT_TRUE(device.has_value());
        EXPECT_EQ(device->module_id, tests::support::module_id_of(audited.group.target()));
        EXPECT_EQ(device->assurance_class, stated);
    }
}

TEST(DeviceCertificate, IsNotIssuedByARootOfTheSameNameOnly) {
    AuditedGroup audited;
    const auto namesake = audited.make_root("namesake.pem");
    const auto forged =
        audited.certificate_from(namesake, 0, hsm::protocol::AssuranceClass::software);

    EXPECT_FALSE(verify_device_certificate(forged, audited.roots).has_value());
    auto both = audited.roots;
    both.push_back(hsm::cli::make_test_root_certificate(namesake));
    EXPECT_TRUE(verify_device_certificate(forged, both).has_value());
}

TEST(DeviceCertificate, RefusesChangedBytesGarbageAndTheRootItself) {
    AuditedGroup audited;
    const auto good = audited.certificate();
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto changed = good;
        changed[i] ^= 1;
        EXPECT_FALSE(verify_device_certificate(changed, audited.roots).has_value()) << i;
    }
    EXPECT_FALSE(verify_device_certificate({}, audited.roots).has_value());
    auto longer = good;
    longer.push_back(0);
    EXPECT_FALSE(verify_device_certificate(longer, audited.roots).has_value());
    EXPECT_FALSE(verify_device_certificate(audited.roots[0], audited.roots).has_value());
    EXPECT_FALSE(verify_device_certificate(good, {Bytes{1, 2, 3}, Bytes{}}).has_value());
}

}  // namespace
}  // namespace cloudsign::audit
